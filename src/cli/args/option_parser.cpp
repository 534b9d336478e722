#include "cli/args/option_parser.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/args/cli11_gaps.h"
#include "cli/args/config_file.h"
#include "cli/args/did_you_mean.h"
#include "cli/args/help.h"
#include "cli/args/option_setters.h"

namespace ldznet::cli {

std::string variable_name(const std::string& long_name) {
  std::string name = "LDZNET_";
  for (const char letter : long_name)
    name += letter == '-' ? '_' : static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
  return name;
}

struct OptionParser::Impl {
  explicit Impl(CommandText command_text);

  CLI::Option* find(const std::string& long_name) { return app.get_option_no_throw("--" + long_name); }
  std::string meant(const std::string& typed, const std::string& prefix) const;
  void read_arguments(const std::vector<std::string>& arguments);
  void read_positionals();
  std::vector<Setting> variables() const;
  std::string hint() const { return "See ldznet " + text.name + " --help."; }

  CommandHelp description;
  CommandText& text = description.text;
  std::string group;
  CLI::App app;
  OptionalValues optional_values;
  ExclusiveOptions exclusive;
  std::string config_file;
  std::vector<Setting> other_tables;
  std::vector<std::string>* positionals = nullptr;
  std::size_t least_positionals = 0, most_positionals = 0;
  std::string named_by_positionals;
};

OptionParser::Impl::Impl(CommandText command_text)
    : description{std::move(command_text), {}}, app(text.summary, text.name) {
  app.footer("Examples:\n" + text.examples);
  app.formatter(help_formatter(text.usage, text.description));
  app.allow_extras();
  app.set_help_flag();  // CLI11's own acts after the setters: a wrong value would hide the help
  app.add_flag_callback(
         "-h,--help", [] { throw CLI::CallForHelp(); }, "Print this help.")
      ->group("")
      ->trigger_on_parse()
      ->configurable(false);
}

/// "Did you mean --prompt? ", or "" when no option is similar.
std::string OptionParser::Impl::meant(const std::string& typed, const std::string& prefix) const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) names.push_back(option->get_single_name());
  const std::string name = nearest(typed, names);
  return name.empty() ? "" : "Did you mean " + prefix + name + "? ";
}

void OptionParser::Impl::read_arguments(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed = attach_optional_values(app, optional_values, arguments);
  const std::string last = reversed.empty() ? "" : reversed.back();
  std::reverse(reversed.begin(), reversed.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const BadValue& wrong) {
    throw Error(ErrorCode::usage, "--" + wrong.option + " " + wrong.what(), hint());
  } catch (const CLI::ArgumentMismatch& mismatch) {
    const CLI::Option* option = option_without_value(app, last);
    if (option == nullptr) throw Error(ErrorCode::usage, mismatch.what(), hint());
    const std::string name = option->get_name();
    throw Error(ErrorCode::usage, name + " needs a value: " + name + " " + option->get_type_name(), hint());
  } catch (const CLI::ParseError& wrong) {
    throw Error(ErrorCode::usage, wrong.what(), hint());
  }
  read_positionals();
  exclusive.check(hint());
}

void OptionParser::Impl::read_positionals() {
  std::vector<std::string> words;
  bool options_over = false;
  for (const std::string& word : app.remaining()) {
    if (!options_over && word == "--") {
      options_over = true;
    } else if (!options_over && is_option_like(word)) {
      const std::string name = word.substr(0, word.find('='));
      const std::string letters = name.substr(std::min(name.find_first_not_of('-'), name.size()));
      throw Error(ErrorCode::usage, "there is no option " + name, meant(letters, "--") + hint());
    } else {
      words.push_back(word);
    }
  }
  if (words.size() > most_positionals)
    throw Error(ErrorCode::usage, "unexpected argument \"" + words[most_positionals] + "\"", hint());
  if (words.size() < least_positionals)
    throw Error(ErrorCode::usage, "missing argument: ldznet " + text.name + " " + text.usage, hint());
  if (!named_by_positionals.empty() && std::find(words.begin(), words.end(), "") != words.end())
    throw Error(ErrorCode::usage, "the name of " + named_by_positionals + " is empty",
                "Check for an empty shell variable.");
  if (positionals != nullptr) *positionals = std::move(words);
}

/// The LDZNET_* variables that are set and not empty.
std::vector<Setting> OptionParser::Impl::variables() const {
  std::vector<Setting> settings;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_single_name();
    const std::string variable = variable_name(name);
    const char* value = name == "help" ? nullptr : std::getenv(variable.c_str());
    if (value != nullptr && *value != '\0') settings.push_back({name, {value}, variable});
  }
  return settings;
}

OptionParser::OptionParser(CommandText text) : impl_(std::make_unique<Impl>(std::move(text))) {}
OptionParser::OptionParser(OptionParser&&) noexcept = default;
OptionParser::~OptionParser() = default;

void OptionParser::group(const std::string& title) {
  impl_->group = title;
  impl_->app.option_defaults()->group(title);
}

void OptionParser::add(Option option) {
  const std::size_t dashes = option.names.find("--");
  const std::string name = option.names.substr(dashes + 2);
  impl_->description.options.push_back({impl_->group, dashes > 0 ? option.names.substr(1, 1) : "", name, option.value,
                                        option.implicit_value.has_value(), option.help, option.default_text,
                                        option.set.words, option.set.several});
  CLI::callback_t assign = [name, set = std::move(option.set),
                            implicit = option.implicit_value](const CLI::results_t& values) {
    try {
      for (const std::string& value : values) {
        const std::optional<bool> answer = implicit ? parse_boolean(value) : std::nullopt;
        if (!answer) set(value);
        if (answer == true) set(*implicit);  // "yes" means the bare option
      }
    } catch (const std::invalid_argument& wrong) {
      throw BadValue(name, wrong.what());
    }
    return true;
  };
  CLI::Option* added = impl_->app.add_option(option.names, std::move(assign), option.help);
  added->default_str(option.default_text)->type_name(option.implicit_value ? "[" + option.value + "]" : option.value);
  if (option.value.empty() || option.implicit_value) added->expected(0);
  option.repeatable ? added->take_all() : added->take_last();
  if (option.implicit_value) impl_->optional_values[added] = std::move(option.value_endings);
}

void OptionParser::add_config_file() {
  add({.names = "--config",
       .value = "FILE",
       .help = "Read options from a TOML file with lines like \"min-area = 64\". The table [" + impl_->text.name +
               "] applies to this command only.",
       .set = string(impl_->config_file)});
  impl_->find("config")->configurable(false);
}

void OptionParser::positionals(std::vector<std::string>& into, std::size_t least, std::size_t most,
                               const std::string& what) {
  impl_->positionals = &into;
  impl_->least_positionals = least;
  impl_->most_positionals = most;
  impl_->named_by_positionals = what;
  impl_->description.takes_files = !what.empty();
}

void OptionParser::exclusive(const std::string& first, const std::string& second) {
  impl_->exclusive.add(impl_->find(first), impl_->find(second));
}

bool OptionParser::parse(const std::vector<std::string>& arguments) {
  try {
    impl_->read_arguments(arguments);
  } catch (const CLI::CallForHelp&) {
    return false;
  }
  for (const Setting& variable : impl_->variables()) apply(variable, ErrorCode::bad_config);
  if (!impl_->config_file.empty()) {
    ConfigFile file = read_config_file(impl_->config_file, impl_->text.name);
    set(file.settings, ErrorCode::bad_config);
    impl_->other_tables = std::move(file.other_tables);
  }
  return true;
}

void OptionParser::set(const std::vector<Setting>& settings, ErrorCode code) {
  for (const Setting& setting : settings) {
    const CLI::Option* option = impl_->find(setting.name);
    if (option == nullptr || !option->get_configurable())
      throw Error(code, setting.origin + " is not an option of ldznet " + impl_->text.name,
                  impl_->meant(setting.name, "") + impl_->hint());
    apply(setting, code);
  }
}

/// Applies a setting of a known option unless a stronger source has set it or one that excludes it.
void OptionParser::apply(const Setting& setting, ErrorCode code) {
  CLI::Option* option = impl_->find(setting.name);
  if (setting.values.size() != 1 && option->get_multi_option_policy() != CLI::MultiOptionPolicy::TakeAll)
    throw Error(code, setting.origin + " takes one value", impl_->hint());
  if (!option->empty() || impl_->exclusive.rule_out(option)) return;
  option->add_result(setting.values);
  try {
    option->run_callback();
  } catch (const BadValue& wrong) {
    throw Error(code, setting.origin + " " + wrong.what(), impl_->hint());
  }
}

const std::vector<Setting>& OptionParser::other_tables() const { return impl_->other_tables; }

const CommandHelp& OptionParser::description() const { return impl_->description; }

std::string OptionParser::help() const { return impl_->app.help("ldznet"); }

}  // namespace ldznet::cli

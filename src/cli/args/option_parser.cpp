#include "cli/args/option_parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "cli/args/did_you_mean.h"
#include "cli/args/option_setters.h"

namespace ldznet::cli {

namespace {

bool is_option_like(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

bool is_switch(const Option& option) { return option.value.empty() || option.implicit_value.has_value(); }

/// True when `word` is one of the option's names, with its dashes.
bool is_named(const Option& option, const std::string& word) {
  const std::size_t comma = option.names.find(',');
  return word == option.names.substr(0, comma) ||
         (comma != std::string::npos && word == option.names.substr(comma + 1));
}

/// The variable that stands for an option: "min-area" -> "LDZNET_MIN_AREA".
std::string variable_name(const std::string& long_name) {
  std::string name = "LDZNET_";
  for (const char letter : long_name)
    name += letter == '-' ? '_' : static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
  return name;
}

/// The entry with this long name, or null.
template <typename Entries>
auto* find_in(Entries& entries, const std::string& name) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return long_name(entry.option) == name; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

std::string long_name(const Option& option) { return option.names.substr(option.names.find("--") + 2); }

void OptionParser::add(Option option) { entries_.push_back({group_, std::move(option), {}}); }

void OptionParser::positionals(std::vector<std::string>& into, std::size_t least, std::size_t most) {
  positionals_ = &into;
  least_positionals_ = least;
  most_positionals_ = most;
}

bool OptionParser::parse(const std::vector<std::string>& arguments) {
  if (!read_command_line(attach_optional_values(arguments))) return false;
  read_environment();
  if (const Entry* file = find("config"); file != nullptr && !file->values.empty())
    set(read_config_file(file->values.back(), text_.name), ErrorCode::bad_config);
  return true;
}

/// Joins an option that may stand alone with the word behind it, where that is its value.
std::vector<std::string> OptionParser::attach_optional_values(const std::vector<std::string>& arguments) const {
  std::vector<std::string> joined;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    joined.push_back(arguments[i]);
    if (arguments[i] == "--") {
      joined.insert(joined.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (arguments[i].size() > 2 && arguments[i][0] == '-' && find(arguments[i].substr(1)) != nullptr)
      throw Error(ErrorCode::usage, arguments[i] + " has one dash too few", "Did you mean -" + arguments[i] + "?");
    const auto named = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return is_named(entry.option, arguments[i]); });
    if (named == entries_.end() || named->option.value.empty() || i + 1 == arguments.size()) continue;
    const std::string& next = arguments[i + 1];
    const auto& endings = named->option.value_endings;
    if (!named->option.implicit_value) {
      joined.push_back(next);  // its value, whatever it looks like
      ++i;
    } else if (std::any_of(endings.begin(), endings.end(), [&](const auto& end) { return next.ends_with(end); })) {
      joined.back() += "=" + next;
      ++i;
    }
  }
  return joined;
}

bool OptionParser::read_command_line(const std::vector<std::string>& arguments) {
  CLI::App app;
  app.set_help_flag("-h,--help")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.allow_extras();
  std::map<std::string, CLI::Option*> parsed;
  for (const Entry& entry : entries_) {
    const std::string& names = entry.option.names;
    CLI::Option* option = is_switch(entry.option) ? app.add_flag(names) : app.add_option(names);
    parsed[names] = option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& mismatch) {
    const std::string name = std::string(mismatch.what()).substr(0, std::string(mismatch.what()).find(':'));
    const Entry* entry = find(name.substr(name.find_first_not_of('-')));
    throw Error(ErrorCode::usage, name + " needs a value" + (entry ? ": " + name + " " + entry->option.value : ""),
                hint());
  } catch (const CLI::ParseError& wrong) {
    throw Error(ErrorCode::usage, wrong.what(), hint());
  }
  read_positionals(app.remaining());
  for (Entry& entry : entries_)
    if (const auto& values = parsed[entry.option.names]->results(); !values.empty())
      take(entry, values, "--" + long_name(entry.option), ErrorCode::usage);
  for (const auto& [first, second] : exclusive_)
    if (find(first)->given() && find(second)->given())
      throw Error(ErrorCode::usage,
                  std::string("--").append(first).append(" and --").append(second) + " cannot go together", hint());
  return true;
}

void OptionParser::read_positionals(const std::vector<std::string>& rest) {
  std::vector<std::string> words;
  bool options_over = false;
  for (const std::string& word : rest) {
    if (!options_over && word == "--") {
      options_over = true;
    } else if (!options_over && is_option_like(word)) {
      const std::string name = word.substr(0, word.find('='));
      const std::string meant = nearest(name.substr(std::min(name.find_first_not_of('-'), name.size())), long_names());
      throw Error(ErrorCode::usage, "there is no option " + name,
                  meant.empty() ? hint() : "Did you mean --" + meant + "? " + hint());
    } else {
      words.push_back(word);
    }
  }
  if (words.size() > most_positionals_)
    throw Error(ErrorCode::usage, "\"" + words[most_positionals_] + "\" is one word too many", hint());
  if (words.size() < least_positionals_)
    throw Error(ErrorCode::usage, "something is missing: ldznet " + text_.name + " " + text_.usage, hint());
  if (positionals_ != nullptr) *positionals_ = std::move(words);
}

void OptionParser::read_environment() {
  for (Entry& entry : entries_) {
    const std::string variable = variable_name(long_name(entry.option));
    const char* value = std::getenv(variable.c_str());
    if (value != nullptr && *value != '\0' && !ruled_out(entry)) take(entry, {value}, variable, ErrorCode::bad_config);
  }
}

void OptionParser::set(const std::vector<Setting>& settings, ErrorCode code) {
  for (const Setting& setting : settings) {
    Entry* entry = find(setting.name);
    if (entry == nullptr || setting.name == "config") {
      const std::string meant = nearest(setting.name, long_names());
      throw Error(code, setting.origin + " is no option of ldznet " + text_.name,
                  meant.empty() ? hint() : "Did you mean " + meant + "?");
    }
    if (setting.values.size() != 1 && !entry->option.repeatable)
      throw Error(code, setting.origin + " takes one value", hint());
    if (!ruled_out(*entry)) take(*entry, setting.values, setting.origin, code);
  }
}

/// Calls an option's setter and remembers that it has its values.
void OptionParser::take(Entry& entry, std::vector<std::string> values, const std::string& origin, ErrorCode code) {
  const Option& option = entry.option;
  const std::optional<bool> said = is_switch(option) ? parse_boolean(values.back()) : std::nullopt;
  entry.off = said == false;
  if (option.implicit_value && said == true)
    values = {*option.implicit_value};  // a yes means the option without a value
  if (option.implicit_value && said == false) {
    entry.values = std::move(values);
    return;
  }
  try {
    if (option.repeatable) {
      for (const std::string& value : values) option.set(value);
    } else {
      option.set(values.back());
    }
  } catch (const std::invalid_argument& wrong) {
    throw Error(code, origin + " " + wrong.what(), hint());
  }
  entry.values = std::move(values);
}

/// True when a stronger source has spoken about the option or about one that excludes it.
bool OptionParser::ruled_out(const Entry& entry) const {
  if (!entry.values.empty()) return true;
  const std::string name = long_name(entry.option);
  return std::any_of(exclusive_.begin(), exclusive_.end(), [&](const auto& pair) {
    return (pair.first == name && find(pair.second)->given()) || (pair.second == name && find(pair.first)->given());
  });
}

const OptionParser::Entry* OptionParser::find(const std::string& name) const { return find_in(entries_, name); }
OptionParser::Entry* OptionParser::find(const std::string& name) { return find_in(entries_, name); }

std::vector<std::string> OptionParser::long_names() const {
  std::vector<std::string> names = {"help"};
  for (const Entry& entry : entries_) names.push_back(long_name(entry.option));
  return names;
}

std::string OptionParser::hint() const { return "See ldznet " + text_.name + " --help."; }

}  // namespace ldznet::cli

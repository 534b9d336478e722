#include "cli/args/cli11_gaps.h"

#include <algorithm>

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

/// True for `-prompt`; `-help` is left to CLI11, which reads -h.
bool lacks_a_dash(const CLI::App& app, const std::string& word) {
  return word.size() > 2 && word.front() == '-' && word != "-help" && app.get_option_no_throw("-" + word) != nullptr;
}

/// True when the option has a value that is not a "no": `--quiet=false` does not count.
bool is_given(const CLI::Option* option) {
  if (option->empty()) return false;
  return option->get_expected_max() > 0 || parse_boolean(option->results().back()) != false;
}

}  // namespace

std::vector<std::string> attach_optional_values(const CLI::App& app, const OptionalValues& optional,
                                                const std::vector<std::string>& arguments) {
  std::vector<std::string> attached;
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    attached.push_back(*word);
    if (*word == "--") {
      attached.insert(attached.end(), std::next(word), arguments.end());
      break;
    }
    if (lacks_a_dash(app, *word))
      throw Error(ErrorCode::usage, "there is no option " + *word, "Did you mean -" + *word + "?");
    const CLI::Option* option = is_option_like(*word) ? app.get_option_no_throw(*word) : nullptr;
    const auto next = std::next(word);
    if (option == nullptr || next == arguments.end()) continue;
    const auto endings = optional.find(option);
    if (endings == optional.end()) {
      if (option->get_expected_max() == 0) continue;  // a switch
      if (is_option_like(*next) && app.get_option_no_throw(next->substr(0, next->find('='))) != nullptr)
        throw Error(ErrorCode::usage, *word + " has no value: the next word is the option " + *next,
                    "To use that word as the value, write " + option->get_name() + "=" + *next + ".");
      attached.push_back(*next);  // its value, whatever else it looks like
      word = next;
    } else if (std::any_of(endings->second.begin(), endings->second.end(),
                           [&](const std::string& ending) { return next->ends_with(ending); })) {
      attached.back() += "=" + *next;
      word = next;
    }
  }
  return attached;
}

const CLI::Option* option_without_value(const CLI::App& app, const std::string& last_argument) {
  if (last_argument.starts_with("--")) return app.get_option_no_throw(last_argument.substr(0, last_argument.find('=')));
  return app.get_option_no_throw(std::string("-") + last_argument.back());  // the last letter of -rp
}

bool is_option_like(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

void ExclusiveOptions::check(const std::string& hint) const {
  for (const auto& [first, second] : pairs_)
    if (is_given(first) && is_given(second))
      throw Error(ErrorCode::usage, first->get_name() + " and " + second->get_name() + " cannot be used together",
                  hint);
}

bool ExclusiveOptions::rule_out(const CLI::Option* option) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) {
    return (pair.first == option && is_given(pair.second)) || (pair.second == option && is_given(pair.first));
  });
}

}  // namespace ldznet::cli

#include "cli/args/help.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kColumn = 26;  // where the explanations begin

/// "-p,--prompt" with value "TEXT" -> "-p, --prompt TEXT"; options without a short name line up with the others.
std::string written(const Option& option) {
  const std::size_t comma = option.names.find(',');
  std::string text = comma == std::string::npos ? "    " + option.names
                                                : option.names.substr(0, comma) + ", " + option.names.substr(comma + 1);
  if (option.value.empty()) return text;
  return text + " " + (option.implicit_value ? "[" + option.value + "]" : option.value);
}

/// "Seed of the noise. [default: 0]"
std::string explained(const Option& option) {
  return option.default_text.empty() ? option.help : option.help + " [default: " + option.default_text + "]";
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  std::string result, word;
  std::size_t column = indent;
  while (words >> word) {
    if (column > indent && column + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) result += ' ';
    column += word.size() + (column > indent ? 1 : 0);
    result += word;
  }
  return result;
}

std::string help_entry(const std::string& name, const std::string& text, std::size_t column) {
  const std::string start = "  " + name;
  const std::string gap =
      start.size() + 2 > column ? "\n" + std::string(column, ' ') : std::string(column - start.size(), ' ');
  return start + gap + wrapped(text, column) + "\n";
}

std::string OptionParser::help() const {
  std::string text = "ldznet " + text_.name + ": " + text_.summary + "\n\nUsage: ldznet " + text_.name + " " +
                     text_.usage + "\n\n" + wrapped(text_.description, 0) + "\n";
  std::vector<std::string> groups;
  for (const Entry& entry : entries_)
    if (std::find(groups.begin(), groups.end(), entry.group) == groups.end()) groups.push_back(entry.group);
  for (const std::string& group : groups) {
    text += "\n" + group + ":\n";
    for (const Entry& entry : entries_)
      if (entry.group == group) text += help_entry(written(entry.option), explained(entry.option), kColumn);
  }
  text += help_entry("-h, --help", "Print this help.", kColumn);
  return text + "\nExamples:\n" + text_.examples;
}

}  // namespace ldznet::cli

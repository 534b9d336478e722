#include "cli/segment/prompts.h"

#include <cstddef>
#include <unordered_set>

#include "base/text.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

/// The parts between the bars that are not in parentheses. A bar in parentheses is a mistake for OR, which the parser
/// points at. Parentheses in double quotes are part of a phrase.
std::vector<std::string> split_at_bars(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool quoted = false, escaped = false;
  for (const char letter : text) {
    if (letter == '|' && depth <= 0) {
      parts.emplace_back();
      depth = 0;
      quoted = escaped = false;
      continue;
    }
    parts.back() += letter;
    if (letter == '"' && !escaped) quoted = !quoted;
    if (!quoted) depth += letter == '(' ? 1 : letter == ')' ? -1 : 0;
    escaped = quoted && letter == '\\' && !escaped;
  }
  return parts;
}

}  // namespace

std::vector<std::string> split_prompts(const std::vector<std::string>& texts) {
  std::vector<std::string> prompts;
  for (const std::string& text : texts) {
    for (const std::string& prompt : split_at_bars(text)) {
      if (is_blank(prompt))
        throw Error(ErrorCode::usage, "a prompt is empty in \"" + text + "\"",
                    "A prompt is a phrase such as panda; \"panda|bamboo\" is two prompts.");
      prompts.emplace_back(trimmed(prompt));
    }
  }
  return prompts;
}

std::vector<std::string> prompts_in_lines(const std::vector<std::string>& lines) {
  std::vector<std::string> prompts;
  for (const std::string& line : lines)
    if (!is_blank(line)) prompts.emplace_back(trimmed(line));
  return prompts;
}

std::vector<std::string> without_repetitions(const std::vector<std::string>& prompts) {
  std::vector<std::string> distinct;
  std::unordered_set<std::string> seen;
  for (const std::string& prompt : prompts)
    if (seen.insert(prompt).second) distinct.push_back(prompt);
  return distinct;
}

std::string filled(const std::string& prompt_template, const std::string& prompt) {
  std::string text;
  std::size_t start = 0;
  for (std::size_t hole = prompt_template.find("{}"); hole != std::string::npos;
       hole = prompt_template.find("{}", start)) {
    text += prompt_template.substr(start, hole - start) + prompt;
    start = hole + 2;
  }
  return text + prompt_template.substr(start);
}

}  // namespace ldznet::cli

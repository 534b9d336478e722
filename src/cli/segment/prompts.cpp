#include "cli/segment/prompts.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>

#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace

std::vector<std::string> split_prompts(const std::vector<std::string>& texts) {
  std::vector<std::string> prompts;
  for (const std::string& text : texts) {
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t bar = std::min(text.find('|', start), text.size());
      prompts.push_back(trimmed(std::string_view(text).substr(start, bar - start)));
      if (prompts.back().empty())
        throw Error(ErrorCode::usage, "--prompt \"" + text + "\": a prompt is empty",
                    "For example --prompt panda, or two prompts with --prompt \"panda|bamboo\".");
      start = bar + 1;
    }
  }
  return prompts;
}

std::vector<std::string> prompts_in_lines(const std::vector<std::string>& lines) {
  std::vector<std::string> prompts;
  for (const std::string& line : lines)
    if (std::string prompt = trimmed(line); !prompt.empty()) prompts.push_back(std::move(prompt));
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

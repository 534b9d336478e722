#pragma once

#include <string>
#include <vector>

namespace ldznet::cli {

/// Splits texts at "|", except in parentheses, and strips blanks: {"panda | bamboo", "sky"} -> panda, bamboo, sky.
/// Throws Error(usage) when a prompt is empty.
std::vector<std::string> split_prompts(const std::vector<std::string>& texts);

/// The lines without blanks around them; blank lines are skipped.
std::vector<std::string> prompts_in_lines(const std::vector<std::string>& lines);

/// The list without repetitions, in order of first occurrence.
std::vector<std::string> without_repetitions(const std::vector<std::string>& prompts);

/// The text for the text encoder: the template with every {} replaced by the prompt.
std::string filled(const std::string& prompt_template, const std::string& prompt);

}  // namespace ldznet::cli

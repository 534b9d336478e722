#pragma once

#include <string>
#include <vector>

namespace ldznet::cli {

/// The prompts in texts where "|" separates several, without the blanks around them: {"panda | bamboo", "sky"} ->
/// panda, bamboo, sky. Throws Error(usage) when one is empty.
std::vector<std::string> split_prompts(const std::vector<std::string>& texts);

/// The prompts in lines of text, one a line; blank lines are passed over.
std::vector<std::string> prompts_in_lines(const std::vector<std::string>& lines);

/// The list without repetitions, in its order.
std::vector<std::string> without_repetitions(const std::vector<std::string>& prompts);

/// What the networks read: the template with the prompt in place of each {}.
std::string filled(const std::string& prompt_template, const std::string& prompt);

}  // namespace ldznet::cli

#pragma once

#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

// Completions complete commands, options, the values that are one of a few words, and names of files.

std::string bash_completions(const std::vector<CommandHelp>& commands);
std::string zsh_completions(const std::vector<CommandHelp>& commands);
std::string fish_completions(const std::vector<CommandHelp>& commands);

}  // namespace ldznet::cli

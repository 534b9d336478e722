#pragma once

#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// Reads a TOML file whose keys are long option names: `threshold = 0.4`, `prompt = ["panda", "bamboo"]`. Top-level
/// keys and those of the table named after the command are returned; other tables belong to other commands. Throws
/// Error(missing_input) when the file does not exist and Error(bad_config) when it cannot be read or parsed.
std::vector<Setting> read_config_file(const std::string& file, const std::string& command);

}  // namespace ldznet::cli

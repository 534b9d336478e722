#pragma once

#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The content of a configuration file, as one command sees it.
struct ConfigFile {
  std::vector<Setting> settings;      ///< top-level keys and those of the command's table
  std::vector<Setting> other_tables;  ///< tables of other commands, without values
};

/// Reads a TOML file whose keys are long option names: `threshold = 0.4`, `prompt = ["panda", "bamboo"]`. Throws
/// Error(missing_input) when the file does not exist and Error(bad_config) when it cannot be read or parsed.
ConfigFile read_config_file(const std::string& file, const std::string& command);

}  // namespace ldznet::cli

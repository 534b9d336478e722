#pragma once

#include <string>
#include <vector>

namespace ldznet::cli {

/// One line of a configuration file: an option's long name and what it is set to, as on the command line.
struct Setting {
  std::string name;
  std::vector<std::string> values;
  std::string origin;  ///< for messages: "run.toml, line 3: threshold"
};

/// Reads a TOML file whose keys are long option names (`threshold = 0.4`, `prompt = ["panda", "bamboo"]`). Keys of the
/// file's top and of the table named like the command are read; other tables belong to other commands.
/// Throws Error(missing_input) when the file is not there and Error(bad_config) when it is no such file.
std::vector<Setting> read_config_file(const std::string& file, const std::string& command);

}  // namespace ldznet::cli

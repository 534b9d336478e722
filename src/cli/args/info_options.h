#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The options of `ldznet info`.
struct InfoCommand {
  std::vector<std::string> bundle;  ///< at most one folder; empty: the default bundle
  bool json = false;                ///< print one JSON object instead of text
  bool program_only = false;        ///< `ldznet --version -v`: print nothing about a bundle
  bool names = false;               ///< print the names that the bundle knows, one per line
  LogOptions log;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser info_parser(InfoCommand& command);

}  // namespace ldznet::cli

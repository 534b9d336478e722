#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// `ldznet info`.
struct InfoCommand {
  std::vector<std::string> bundle;  ///< at most one folder; none: the default bundle
  bool json = false;                ///< one JSON object in place of text
  LogOptions log;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser info_parser(InfoCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const InfoCommand& command);

}  // namespace ldznet::cli

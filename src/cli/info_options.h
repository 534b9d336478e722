#pragma once

#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/flags.h"

namespace ldznet::cli {

/// `ldznet info`.
struct InfoCommand {
  std::vector<std::string> bundle;  ///< at most one folder; none: the default bundle
  bool json = false;                ///< one JSON object in place of text
  TalkOptions talk;
};

/// The options as a command line writes them. The flags hold references into `command`.
Flags info_flags(InfoCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const InfoCommand& command);

}  // namespace ldznet::cli

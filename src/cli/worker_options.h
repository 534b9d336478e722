#pragma once

#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/segment_options.h"

namespace ldznet::cli {

/// `ldznet worker`: its options.
struct WorkerCommand {
  SegmentCommand defaults;           ///< of the requests
  std::vector<std::string> methods;  ///< heads to load; empty: all of the bundle's
  std::string config;                ///< TOML file; empty: none
  TalkOptions talk;
};

/// The options as a command line writes them. The flags hold references into `command`.
Flags worker_flags(WorkerCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const WorkerCommand& command);

}  // namespace ldznet::cli

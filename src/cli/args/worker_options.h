#pragma once

#include <string>

#include "cli/args/option_parser.h"
#include "cli/args/segment_options.h"

namespace ldznet::cli {

/// `ldznet worker`: its options.
struct WorkerCommand {
  SegmentCommand defaults;  ///< of the requests; without `load.methods`, all of the bundle's heads are loaded
  LogOptions log;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser worker_parser(WorkerCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const WorkerCommand& command);

}  // namespace ldznet::cli

#pragma once

#include <string>

#include "cli/args/option_parser.h"
#include "cli/args/segment_options.h"

namespace ldznet::cli {

/// The options of `ldznet worker`.
struct WorkerCommand {
  SegmentCommand defaults;  ///< of the requests; without `load.methods`, all heads of the bundle are loaded
  LogOptions log;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser worker_parser(WorkerCommand& command);

/// Checks what involves more than one option. Throws Error(usage).
void check(const WorkerCommand& command);

}  // namespace ldznet::cli

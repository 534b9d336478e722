#pragma once

#include "cli/args/app.h"

namespace ldznet::cli {

// Each runs one command and returns its exit code. Throws Error, OutputClosed and Interrupted.

int run(const SegmentCommand& command);
int run(const WorkerCommand& command);
int run(const EvalCommand& command);
int run(const FeaturesCommand& command);
int run(const ProbeCommand& command);
int run(const BenchCommand& command);
int run(const InfoCommand& command);
int run(const TokenizeCommand& command);

/// Name and type of the library's entry function. It returns the exit code and throws nothing. `version` is the
/// program's; the library refuses one that differs from its own, since the two share the layout of Command.
constexpr const char* kEntry = "ldznet_run";
using Entry = int(const Command* command, const char* version);

}  // namespace ldznet::cli

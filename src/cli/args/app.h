#pragma once

#include <optional>
#include <string>
#include <variant>

#include "cli/args/bench_options.h"
#include "cli/args/eval_options.h"
#include "cli/args/features_options.h"
#include "cli/args/info_options.h"
#include "cli/args/probe_options.h"
#include "cli/args/segment_options.h"
#include "cli/args/tokenize_options.h"
#include "cli/args/worker_options.h"

namespace ldznet::cli {

/// What there is to do: the options of one command. A new command is one more alternative here, one more row in
/// app.cpp, and a function `run` in a file of its own.
using Request = std::variant<SegmentCommand, WorkerCommand, EvalCommand, FeaturesCommand, ProbeCommand, BenchCommand,
                             InfoCommand, TokenizeCommand>;

/// A command line that was understood: a request, or text that answers it.
struct CommandLine {
  std::optional<Request> request;
  std::string answer;    ///< help or version, when there is no request
  bool complete = true;  ///< false: the answer stands in for a command that is missing
};

/// Reads a whole command line. Needs nothing but its words, the environment and a configuration file.
/// Throws Error(usage), Error(bad_config) and Error(missing_input).
CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace ldznet::cli

#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/args/bench_options.h"
#include "cli/args/eval_options.h"
#include "cli/args/features_options.h"
#include "cli/args/info_options.h"
#include "cli/args/probe_options.h"
#include "cli/args/segment_options.h"
#include "cli/args/tokenize_options.h"
#include "cli/args/worker_options.h"

namespace ldznet::cli {

/// The options of one command. A new command is one more alternative here, one more row in app.cpp, and a function
/// `run` (cli/process/run.h) in a file of its own.
using Command = std::variant<SegmentCommand, WorkerCommand, EvalCommand, FeaturesCommand, ProbeCommand, BenchCommand,
                             InfoCommand, TokenizeCommand>;

/// A parsed command line: a command to run, or a text to print.
struct CommandLine {
  std::optional<Command> command;
  std::string answer;    ///< help or version, when there is no command
  bool complete = true;  ///< false: the command line is empty, so the help goes to stderr and the exit code is 64
  std::vector<std::string> warnings = {};  ///< about variables and tables that mean nothing
};

/// What the help says about every command.
std::vector<CommandHelp> all_commands();

/// Parses a whole command line together with the environment and the configuration file.
/// Throws Error(usage), Error(bad_config) and Error(missing_input).
CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace ldznet::cli

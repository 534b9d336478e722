#pragma once

#include <filesystem>
#include <string>

#include "cli/args/app.h"

namespace ldznet::cli {

// Each does what one command asks for and answers with the exit code. Throws Error, OutputClosed and Interrupted.

int run(const SegmentCommand& command);
int run(const WorkerCommand& command);
int run(const EvalCommand& command);
int run(const FeaturesCommand& command);
int run(const ProbeCommand& command);
int run(const BenchCommand& command);
int run(const InfoCommand& command);
int run(const TokenizeCommand& command);

/// The folder of the named bundle, or of the default one when the name is empty. Throws Error(missing_input).
std::filesystem::path bundle_folder(const std::string& named);

/// Whether to use colours where they are `asked` for: the variable NO_COLOR can say no.
bool colors_wanted(bool asked);

/// Whether to show a progress line: on a terminal, unless the user asked for less.
bool progress_wanted(const LogOptions& log, bool no_progress);

/// The name and the type of the library's one entry for the program, which answers with the exit code and throws
/// nothing. Program and library are built together; the version says so.
constexpr const char* kEntry = "ldznet_run";
using Entry = int(const Request* request, const char* version);

}  // namespace ldznet::cli

#pragma once

#include <string_view>

#include "ldznet/log.h"

namespace ldznet::log {

/// Makes the log write messages of this level and above to stderr, one line each and never to stdout. Replaces the
/// handler of set_log_handler().
void write_to_stderr(LogLevel least = LogLevel::info);

/// Turns colours on stderr on or off. The default is off.
void set_color(bool on);

/// Leaves stderr to the log: what libraries write to it from now on is dropped. Call it before set_color() and before
/// there are threads.
void keep_stderr();

/// The file descriptor that the log writes to: stderr's, or a copy of it after keep_stderr().
int stderr_descriptor();

/// Each function logs one message.
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace ldznet::log

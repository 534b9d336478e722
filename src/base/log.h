#pragma once

#include <string_view>

namespace ldznet::log {

/// Log levels, from most to least verbose.
enum class Level { debug, info, warn, error, off };

/// Drops messages below this level. The default is `info`.
void set_level(Level level);

/// Turns colours on or off. The default is off.
void set_color(bool on);

/// Leaves stderr to the log: what libraries write to it from now on is dropped. Call it before set_color() and before
/// there are threads.
void keep_stderr();

/// The file descriptor that the log writes to: stderr's, or a copy of it after keep_stderr().
int stderr_descriptor();

/// Each function writes one line to stderr, never to stdout.
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace ldznet::log

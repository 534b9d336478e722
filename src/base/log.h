#pragma once

#include <string_view>

namespace ldznet::log {

/// How much is said, from everything to nothing.
enum class Level { debug, info, warn, error, off };

/// Messages below this level are dropped; `info` at the start.
void set_level(Level level);

/// Colours on or off; off at the start.
void set_color(bool on);

/// Each writes one line to stderr, never to stdout.
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace ldznet::log

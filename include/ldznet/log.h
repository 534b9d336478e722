// Log messages. The library writes nothing to stdout or stderr of itself: messages are dropped unless a handler takes
// them.
//
//     ldznet::set_log_handler([](ldznet::LogLevel, std::string_view message) { std::cerr << message << "\n"; });
#pragma once

#include <functional>
#include <string_view>

namespace ldznet {

/// Log levels, from most to least verbose.
enum class LogLevel { debug, info, warning, error };

/// Receives a message, without a line feed at its end. Several threads may call it at the same time.
using LogHandler = std::function<void(LogLevel level, std::string_view message)>;

/// From now on gives the messages of level `least` and above to `handler`; an empty handler drops them. Call it while
/// no other thread uses the library.
void set_log_handler(LogHandler handler, LogLevel least = LogLevel::info);

}  // namespace ldznet

#pragma once

#include <exception>

namespace ldznet::cli {

/// Thrown when SIGINT or SIGTERM interrupts a wait for input.
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// Catches SIGINT and SIGTERM from its construction on. The first signal is only recorded, so that the work in progress
/// can be finished; the same signal again ends the program at once.
class InterruptWatch {
 public:
  InterruptWatch();

  /// The signal that was received, or 0.
  static int signal();

  /// The exit code for that signal: 130 for SIGINT, 143 for SIGTERM.
  static int exit_code() { return 128 + signal(); }
};

}  // namespace ldznet::cli

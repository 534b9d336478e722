#pragma once

#include <exception>

namespace ldznet::cli {

/// Thrown where waiting for input was broken off by SIGINT or SIGTERM.
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// From its making on, the first SIGINT or SIGTERM is only remembered, so that work in hand can be finished; the same
/// again ends the program at once.
class InterruptWatch {
 public:
  InterruptWatch();

  /// The signal that came, or 0.
  static int signal();

  /// The exit code for it: 130 for SIGINT, 143 for SIGTERM.
  static int exit_code() { return 128 + signal(); }
};

}  // namespace ldznet::cli

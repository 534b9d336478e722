#pragma once

#include <exception>
#include <string_view>

namespace ldznet {

/// Thrown when nobody reads stdout any more, as behind `| head`: no fault, but a reason to stop.
class OutputClosed : public std::exception {
 public:
  const char* what() const noexcept override { return "nobody reads stdout any more"; }
};

/// Writes data to stdout at once. Throws OutputClosed, or Error(cannot_write) when it cannot be written. SIGPIPE must
/// be ignored.
void write_stdout(std::string_view bytes);

/// True when a person reads it.
bool stdout_is_terminal();
bool stderr_is_terminal();

}  // namespace ldznet

#pragma once

#include <exception>
#include <string_view>

namespace ldznet::cli {

/// Thrown on EPIPE (for example behind `| head`); not an error.
class OutputClosed : public std::exception {
 public:
  const char* what() const noexcept override { return "stdout is closed"; }
};

/// Writes to stdout, unbuffered. Throws OutputClosed on EPIPE and Error(cannot_write) on other failures. The process
/// must ignore SIGPIPE.
void write_stdout(std::string_view bytes);

bool stdout_is_terminal();
bool stderr_is_terminal();

/// True when colours are `asked` for and the variable NO_COLOR is unset or empty.
bool colors_wanted(bool asked);

}  // namespace ldznet::cli

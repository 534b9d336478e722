#include "cli/process/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/log.h"
#include "ldznet/error.h"

namespace ldznet::cli {

void write_stdout(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE) throw OutputClosed();
    if (count < 0 && errno == EAGAIN) {  // the reader shares its non-blocking pipe with us
      pollfd output{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&output, 1, -1);
      continue;
    }
    if (count < 0)
      throw Error(ErrorCode::cannot_write, std::string("cannot write to stdout: ") + std::strerror(errno),
                  "Redirect stdout to another place.");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(log::stderr_descriptor()) == 1; }

bool colors_wanted(bool asked) {
  const char* no_color = std::getenv("NO_COLOR");
  return asked && (no_color == nullptr || *no_color == '\0');
}

}  // namespace ldznet::cli

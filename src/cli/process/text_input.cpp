#include "cli/process/text_input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "cli/process/interrupt.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kLongestText = std::size_t{256} << 20;  // bytes; some millions of lines

constexpr int kPollMs = 100;  // how often a signal is looked for

/// Waits for input instead of blocking in read(), which a signal just before it would not end.
std::string read_all(int descriptor, const std::string& what, std::size_t limit, ErrorCode too_much) {
  std::string content;
  std::array<char, 65536> buffer;
  while (true) {
    if (InterruptWatch::signal() != 0) throw Interrupted();
    pollfd input{descriptor, POLLIN, 0};
    if (::poll(&input, 1, kPollMs) <= 0) continue;  // time is up, or a signal came
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) throw Error(ErrorCode::missing_input, "cannot read " + what + ": " + std::strerror(errno));
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) throw Error(too_much, what + " is larger than " + std::to_string(limit >> 20) + " MiB");
  }
}

}  // namespace

std::string read_stdin(std::size_t limit) { return read_all(STDIN_FILENO, "stdin", limit, ErrorCode::bad_image); }

std::vector<std::string> read_lines(const std::string& file, const std::string& flag) {
  int descriptor = STDIN_FILENO;
  if (file != "-") descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe may have no writer
  if (descriptor < 0)
    throw Error(ErrorCode::missing_input, flag + ": cannot open " + file + ": " + std::strerror(errno),
                "Check the name of the file; - reads stdin.");
  struct Closer {
    int descriptor;
    ~Closer() {
      if (descriptor != STDIN_FILENO) ::close(descriptor);
    }
  } const closer{descriptor};
  const std::string what = flag + ": " + (file == "-" ? "stdin" : file);
  std::string content = read_all(descriptor, what, kLongestText, ErrorCode::missing_input);
  constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";
  if (content.starts_with(kByteOrderMark)) content.erase(0, 3);

  const char separator = content.find('\0') == std::string::npos ? '\n' : '\0';
  std::vector<std::string> lines = split(content, separator);
  if (lines.back().empty()) lines.pop_back();  // the last line's separator ends it
  for (std::string& line : lines)
    if (separator == '\n' && line.ends_with('\r')) line.pop_back();
  return lines;
}

}  // namespace ldznet::cli

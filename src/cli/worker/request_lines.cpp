#include "cli/worker/request_lines.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "cli/process/interrupt.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

constexpr std::chrono::milliseconds kPoll(50);              // how often a waiting thread checks for a signal
constexpr std::size_t kMostBytes = std::size_t{128} << 20;  // in the queue, unless a single line is longer

}  // namespace

RequestLines::RequestLines(std::size_t capacity, std::size_t longest)
    : capacity_(std::max<std::size_t>(capacity, 1)), longest_(longest), thread_([this] { read(); }) {}

RequestLines::~RequestLines() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool RequestLines::is_over() const { return stopping_ || InterruptWatch::signal() != 0; }

void RequestLines::read() {
  try {
    while (read_some()) {
    }
    if (!line_.empty()) put(std::move(line_));  // the last line may have no line feed
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

/// Reads what is available; false at the end.
bool RequestLines::read_some() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&input, 1, static_cast<int>(kPoll.count()));
  {
    const std::lock_guard lock(mutex_);
    if (is_over()) return false;
  }
  if (ready <= 0) return true;
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (count < 0 && errno != EINTR && errno != EAGAIN)
    throw Error(ErrorCode::missing_input, std::string("cannot read stdin: ") + std::strerror(errno));
  if (count == 0) return false;
  if (count > 0) take(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

void RequestLines::take(const char* bytes, std::size_t count) {
  const char* const end = bytes + count;
  while (bytes < end) {
    const char* const feed = std::find(bytes, end, '\n');
    const std::size_t space = longest_ + 1 - std::min(line_.size(), longest_ + 1);
    line_.append(bytes, std::min(static_cast<std::size_t>(feed - bytes), space));
    if (feed == end) return;
    if (!put(std::exchange(line_, {}))) return;
    bytes = feed + 1;
  }
}

/// Waits until the queue has space; false when reading ends.
bool RequestLines::put(std::string line) {
  std::unique_lock lock(mutex_);
  while (!is_over() && !lines_.empty() && (lines_.size() >= capacity_ || bytes_ + line.size() > kMostBytes))
    changed_.wait_for(lock, kPoll);
  if (is_over()) return false;
  bytes_ += line.size();
  lines_.push_back(std::move(line));
  changed_.notify_all();
  return true;
}

std::optional<std::string> RequestLines::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || !lines_.empty(); });
  if (failure_) std::rethrow_exception(failure_);
  return pop();
}

std::optional<std::string> RequestLines::waiting() {
  const std::lock_guard lock(mutex_);
  return pop();
}

std::optional<std::string> RequestLines::pop() {
  if (lines_.empty() || InterruptWatch::signal() != 0) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  bytes_ -= line.size();
  changed_.notify_all();
  return line;
}

}  // namespace ldznet::cli

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace ldznet::cli {

/// The lines of stdin, which a thread reads ahead. The thread stops reading while the queue is full, so that the writer
/// blocks, and ends at the end of stdin, at SIGINT or at SIGTERM.
class RequestLines {
 public:
  /// At most `capacity` lines are queued. Lines are cut to `longest` + 1 bytes, which shows that they were too long.
  RequestLines(std::size_t capacity, std::size_t longest);
  RequestLines(const RequestLines&) = delete;
  RequestLines& operator=(const RequestLines&) = delete;
  ~RequestLines();

  /// Waits for the next line and returns it without its line feed; nothing at the end. Throws Error(missing_input) when
  /// stdin cannot be read.
  std::optional<std::string> next();

  /// The next line, if one is queued.
  std::optional<std::string> waiting();

 private:
  void read();
  bool read_some();
  void take(const char* bytes, std::size_t count);
  bool put(std::string line);
  std::optional<std::string> pop();
  bool is_over() const;

  const std::size_t capacity_, longest_;
  std::string line_;  ///< the start of the line that is being read; used by the thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;  ///< in the queue
  bool ended_ = false, stopping_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ldznet::cli

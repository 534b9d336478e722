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

/// The lines of stdin, read ahead by a thread of its own. It stops reading where enough wait, so that whoever writes
/// waits, too; and it ends with the input or with SIGINT or SIGTERM.
class RequestLines {
 public:
  /// At most `room` lines wait. Of a line longer than `longest` bytes only so much is kept that this can be seen.
  RequestLines(std::size_t room, std::size_t longest);
  RequestLines(const RequestLines&) = delete;
  RequestLines& operator=(const RequestLines&) = delete;
  ~RequestLines();

  /// The next line without its line feed, waited for; nothing at the end. Throws Error(missing_input) when stdin cannot
  /// be read.
  std::optional<std::string> next();

  /// The next line if it is there already.
  std::optional<std::string> waiting();

 private:
  void read();
  bool read_some();
  void take(const char* bytes, std::size_t count);
  bool put(std::string line);
  std::optional<std::string> pop();
  bool is_over() const;

  const std::size_t room_, longest_;
  std::string line_;  ///< that is being read; of the thread alone

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;  ///< of the lines that wait
  bool ended_ = false, unwanted_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ldznet::cli

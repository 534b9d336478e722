#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace ldznet {

/// One thread that does tasks in their order, behind the one that gives them.
class TaskThread {
 public:
  using Task = std::function<void()>;

  /// `room`: so many tasks may wait; who gives another one waits, too.
  explicit TaskThread(std::size_t room);
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// Drops what still waits.
  ~TaskThread();

  /// Gives a task. After one has thrown all others are dropped, and this throws the same.
  void post(Task task);

  /// Waits until everything is done. Throws what a task threw.
  void finish();

 private:
  void work();
  void rethrow(std::unique_lock<std::mutex>& lock);

  const std::size_t room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool busy_ = false, ending_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ldznet

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace ldznet {

/// A thread that runs posted tasks in order.
class TaskThread {
 public:
  using Task = std::function<void()>;

  /// `capacity`: tasks that may wait; post() blocks while the queue is full.
  explicit TaskThread(std::size_t capacity);
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// Finishes the running task and drops the queued ones.
  ~TaskThread();

  /// Queues a task. Once a task has thrown, the queued ones are dropped and every call rethrows that exception.
  void post(Task task);

  /// Waits until all tasks are done. Rethrows a task's exception.
  void finish();

 private:
  void work();
  void rethrow(std::unique_lock<std::mutex>& lock);

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool busy_ = false, ending_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last, because it uses all of the above
};

}  // namespace ldznet

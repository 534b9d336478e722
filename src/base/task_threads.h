#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace ldznet {

/// Threads that run posted tasks. They begin them in the order of the posts; a single thread runs one after the other.
class TaskThreads {
 public:
  using Task = std::function<void()>;

  /// `capacity`: tasks that may wait; post() blocks while the queue is full. Throws std::system_error when the system
  /// does not start so many threads.
  explicit TaskThreads(std::size_t capacity, std::size_t threads = 1);
  TaskThreads(const TaskThreads&) = delete;
  TaskThreads& operator=(const TaskThreads&) = delete;

  /// Finishes the running tasks and drops the queued ones.
  ~TaskThreads();

  /// Queues a task. Once a task has thrown, the queued ones are dropped and every call rethrows that exception.
  void post(Task task);

  /// Waits until all tasks are done. Rethrows a task's exception.
  void finish();

 private:
  void work(const std::stop_token& stop);
  void rethrow(std::unique_lock<std::mutex>& lock);

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_;
  std::size_t running_ = 0;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;  // last, because they use all of the above
};

}  // namespace ldznet

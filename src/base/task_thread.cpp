#include "base/task_thread.h"

#include <utility>

namespace ldznet {

TaskThread::TaskThread(std::size_t capacity) : capacity_(capacity), thread_([this] { work(); }) {}

TaskThread::~TaskThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    tasks_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void TaskThread::post(Task task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return tasks_.size() < capacity_ || failure_; });
  rethrow(lock);
  tasks_.push_back(std::move(task));
  lock.unlock();
  changed_.notify_all();
}

void TaskThread::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (tasks_.empty() && !busy_) || failure_; });
  rethrow(lock);
}

void TaskThread::rethrow(std::unique_lock<std::mutex>& lock) {
  if (!failure_) return;
  const std::exception_ptr failure = failure_;
  lock.unlock();
  std::rethrow_exception(failure);
}

void TaskThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !tasks_.empty() || ending_; });
    if (ending_) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    busy_ = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task();
    } catch (...) {
      failure = std::current_exception();
    }
    task = nullptr;  // frees what it captured, which may be large, before waiting
    lock.lock();
    busy_ = false;
    if (failure) {
      failure_ = failure;
      tasks_.clear();
    }
    changed_.notify_all();
  }
}

}  // namespace ldznet

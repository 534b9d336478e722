#include "base/task_threads.h"

#include <utility>

namespace ldznet {

TaskThreads::TaskThreads(std::size_t capacity, std::size_t threads) : capacity_(capacity) {
  while (threads_.size() < threads) threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

TaskThreads::~TaskThreads() {
  const std::lock_guard lock(mutex_);
  tasks_.clear();
}

void TaskThreads::post(Task task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return tasks_.size() < capacity_ || failure_; });
  rethrow(lock);
  tasks_.push_back(std::move(task));
  lock.unlock();
  changed_.notify_all();
}

void TaskThreads::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (tasks_.empty() && running_ == 0) || failure_; });
  rethrow(lock);
}

void TaskThreads::rethrow(std::unique_lock<std::mutex>& lock) {
  if (!failure_) return;
  const std::exception_ptr failure = failure_;
  lock.unlock();
  std::rethrow_exception(failure);
}

void TaskThreads::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !tasks_.empty(); })) {
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task();
    } catch (...) {
      failure = std::current_exception();
    }
    task = nullptr;  // frees what it captured, which may be large, before waiting
    lock.lock();
    --running_;
    if (failure) {
      if (!failure_) failure_ = failure;
      tasks_.clear();
    }
    changed_.notify_all();
  }
}

}  // namespace ldznet

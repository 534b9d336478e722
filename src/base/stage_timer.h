#pragma once

#include <chrono>

namespace ldznet {

/// Adds the wall-clock milliseconds of its lifetime to `*total_ms`; does nothing when that is null.
class StageTimer {
 public:
  explicit StageTimer(double* total_ms) : total_ms_(total_ms) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  ~StageTimer() {
    if (total_ms_ != nullptr) {
      const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start_;
      *total_ms_ += spent.count();
    }
  }

 private:
  double* total_ms_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ldznet

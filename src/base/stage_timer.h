#pragma once

#include <chrono>

namespace ldznet {

/// The wall-clock time since its construction.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double milliseconds() const { return std::chrono::duration<double, std::milli>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// Adds the wall-clock milliseconds of its lifetime to `*total_ms`; does nothing when that is null.
class StageTimer {
 public:
  explicit StageTimer(double* total_ms) : total_ms_(total_ms) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  ~StageTimer() {
    if (total_ms_ != nullptr) *total_ms_ += stopwatch_.milliseconds();
  }

 private:
  double* total_ms_;
  Stopwatch stopwatch_;
};

}  // namespace ldznet

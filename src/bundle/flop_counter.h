#pragma once

#include <memory>

namespace ldznet {

/// Counts the floating-point operations of the convolutions and matrix products that this thread asks LibTorch for
/// while the counter lives: two for every multiply-add, as the field counts them. All else is little beside them.
/// Counters of a thread may not overlap.
class FlopCounter {
 public:
  FlopCounter();
  FlopCounter(const FlopCounter&) = delete;
  FlopCounter& operator=(const FlopCounter&) = delete;
  ~FlopCounter();

  double flop() const;

 private:
  struct Callback;
  std::unique_ptr<Callback> callback_;
};

}  // namespace ldznet

#pragma once

#include <memory>

namespace ldznet {

/// Counts the floating-point operations of the convolutions and matrix products that LibTorch runs on this thread
/// during the counter's lifetime, two per multiply-add. Other operators are negligible and not counted. A thread may
/// have only one counter at a time.
class FlopCounter {
 public:
  FlopCounter();
  FlopCounter(const FlopCounter&) = delete;
  FlopCounter& operator=(const FlopCounter&) = delete;
  ~FlopCounter();

  /// Operations counted so far.
  double flop() const;

 private:
  struct Callback;
  std::unique_ptr<Callback> callback_;
};

}  // namespace ldznet

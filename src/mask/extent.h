#pragma once

#include <algorithm>
#include <cstdint>

#include "ldznet/mask.h"

namespace ldznet {

/// Area and bounding box of pixels that are added one by one.
class Extent {
 public:
  void add(int x, int y) {
    if (area_++ == 0) {
      left_ = right_ = x;
      top_ = bottom_ = y;
      return;
    }
    left_ = std::min(left_, x);
    right_ = std::max(right_, x);
    top_ = std::min(top_, y);
    bottom_ = std::max(bottom_, y);
  }

  std::int64_t area() const { return area_; }
  Box box() const { return area_ == 0 ? Box{} : Box{left_, top_, right_ - left_ + 1, bottom_ - top_ + 1}; }

 private:
  std::int64_t area_ = 0;
  int left_ = 0, top_ = 0, right_ = 0, bottom_ = 0;
};

}  // namespace ldznet

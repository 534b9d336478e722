#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Many masks in one picture: the one that each pixel belongs to.
struct LabelMap {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> labels;  ///< H * W, rows from the top; 0: none, k: the k-th mask, from 1
};

/// The same map with label numbers[k - 1] in place of label k.
LabelMap relabelled(LabelMap map, const std::vector<std::uint16_t>& numbers);

/// Assigns each pixel to the mask with the highest probability among those that contain it, or the first of equal ones.
/// Takes one mask after the other, so that only one has to be in memory.
class LabelMapMaker {
 public:
  /// Adds the next mask; all have the same size. Throws Error(usage) after 65,535 masks.
  void add(const Probability& probability, const Mask& mask);

  const LabelMap& map() const { return map_; }

 private:
  LabelMap map_;
  std::vector<float> best_;
  std::size_t masks_ = 0;
};

}  // namespace ldznet

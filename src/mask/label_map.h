#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// One picture of many masks: which prompt each pixel belongs to.
struct LabelMap {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> labels;  ///< H * W, rows from the top; 0 = none, k = the k-th prompt, counted from 1
};

/// Gives each pixel to the prompt with the largest probability among those whose mask holds the pixel; of equals, to
/// the first. Prompts come one after the other, so that no more than one need be in memory.
class LabelMapMaker {
 public:
  /// The next prompt's; all have the same size. Throws Error(usage) when there are more than 65,535 prompts.
  void add(const Probability& probability, const Mask& mask);

  const LabelMap& map() const { return map_; }

 private:
  LabelMap map_;
  std::vector<float> best_;
  std::size_t prompts_ = 0;
};

}  // namespace ldznet

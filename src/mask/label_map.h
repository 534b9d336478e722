#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Many masks in one picture: the prompt that each pixel belongs to.
struct LabelMap {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> labels;  ///< H * W, rows from the top; 0: none, k: the k-th prompt, from 1
};

/// Assigns each pixel to the prompt with the highest probability among those whose mask contains it, or the first of
/// equal ones. Takes one prompt after the other, so that only one has to be in memory.
class LabelMapMaker {
 public:
  /// Adds the next prompt; all have the same size. Throws Error(usage) after 65,535 prompts.
  void add(const Probability& probability, const Mask& mask);

  const LabelMap& map() const { return map_; }

 private:
  LabelMap map_;
  std::vector<float> best_;
  std::size_t prompts_ = 0;
};

}  // namespace ldznet

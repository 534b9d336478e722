#pragma once

#include <cstdint>
#include <span>
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
/// the first. `masks[k]` belongs to `probabilities[k]`; all have the same size. Throws Error(usage) when there are more
/// than 65,535 prompts.
LabelMap label_map(std::span<const Probability> probabilities, std::span<const Mask> masks);

}  // namespace ldznet

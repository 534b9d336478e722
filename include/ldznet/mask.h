#pragma once

#include <cstdint>
#include <vector>

namespace ldznet {

/// The probability of the prompt at every pixel of the upright image, 0 to 1.
struct Probability {
  int width = 0;
  int height = 0;
  std::vector<float> values;  ///< H * W, rows from the top
};

/// A binary mask: 1 inside, 0 outside.
struct Mask {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< H * W, rows from the top, each 0 or 1
};

}  // namespace ldznet

#pragma once

#include <string>
#include <vector>

namespace ldznet {

/// What one block of the denoising UNet computes for an image: C values at each of h x w places.
struct Feature {
  std::string name;           ///< the block's, for example "output_blocks.3.1"
  int channels = 0;           ///< C
  int height = 0, width = 0;  ///< h, w
  std::vector<float> values;  ///< C * h * w: one plane a channel, rows from the top
};

}  // namespace ldznet

// Features: what a block of the denoising UNet computes for an image, without a mask head.
//
//     for (const ldznet::Feature& feature : pipeline.features(encoded, {.names = {"output_blocks.3.1"}}))
//       std::cout << feature.name << ": " << feature.channels << " x " << feature.height << " x " << feature.width;
#pragma once

#include <string>
#include <vector>

namespace ldznet {

/// The output of one block: C values at each of h x w positions.
struct Feature {
  std::string name;           ///< the block, for example "output_blocks.3.1"
  int channels = 0;           ///< C
  int height = 0, width = 0;  ///< h, w
  std::vector<float> values;  ///< C * h * w: one plane per channel, rows from the top
};

}  // namespace ldznet

#pragma once

#include <opencv2/core.hpp>

#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// OpenCV's view of a mask's own pixels, 8 bits, one channel; only to be read.
inline cv::Mat view(const Mask& mask) {
  return {mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.pixels.data())};
}

/// OpenCV's view of a picture's own pixels, 8 bits, three channels in the order RGB.
inline cv::Mat view(Image& image) { return {image.height, image.width, CV_8UC3, image.rgb.data()}; }

}  // namespace ldznet

#pragma once

#include <opencv2/core.hpp>

#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// A mask's pixels as an OpenCV matrix that shares their memory: 8 bits, one channel, read-only.
inline cv::Mat view(const Mask& mask) {
  return {mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.pixels.data())};
}

/// A picture's pixels as an OpenCV matrix that shares their memory: 8 bits, three channels in the order RGB.
inline cv::Mat view(Image& image) { return {image.height, image.width, CV_8UC3, image.rgb.data()}; }

}  // namespace ldznet

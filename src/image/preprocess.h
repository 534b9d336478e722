#pragma once

#include <vector>

#include "ldznet/image.h"

namespace ldznet {

/// Width and height of a picture, pixels.
struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

/// The working size of a picture (reference, step 1): aspect ratio a = h/w kept, w' = int(sqrt(area/a)),
/// h' = int(a*w'), both floored to a multiple. A side that would fall below one multiple becomes one multiple, and the
/// other is then at most area / multiple: a strip of one pixel must not ask for hundreds of times the memory.
Size working_size(Size image, int area, int multiple);

/// The picture at its working size, as the networks take it.
struct WorkingImage {
  int width = 0;
  int height = 0;
  std::vector<float> values;  ///< 3 * height * width, channel planes R, G, B, values in [-1, 1]
};

/// Resizes with Pillow's Lanczos and scales to [-1, 1].
WorkingImage preprocess(const Image& image, int area, int multiple);

}  // namespace ldznet

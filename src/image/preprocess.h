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

/// The working size of a picture (reference, step 1): keeps the aspect ratio a = h/w, w' = int(sqrt(area/a)),
/// h' = int(a*w'), both floored to `multiple`. A side below one multiple becomes one multiple; the other side is then
/// at most area / multiple, which bounds the memory for very narrow pictures.
Size working_size(Size image, int area, int multiple);

/// How many pixels of a picture, along a side, became one of the working size: the root of the ratio of their areas.
double reduction(Size image, Size working);

/// The picture at its working size, in the networks' input format.
struct WorkingImage {
  int width = 0;
  int height = 0;
  std::vector<float> values;  ///< 3 * height * width, channel planes R, G, B, values in [-1, 1]
};

/// Resizes to the working size with Pillow's Lanczos filter and scales to [-1, 1].
WorkingImage preprocess(const Image& image, int area, int multiple);

}  // namespace ldznet

#pragma once

#include "ldznet/image.h"

namespace ldznet {

/// Resizes to width x height with Pillow's antialiased Lanczos filter (a = 3). Uses the same two passes, horizontal
/// first, and the same fixed-point arithmetic as Pillow's Resample.c on 8-bit pictures, so the results are identical.
Image resize_lanczos(const Image& image, int width, int height);

}  // namespace ldznet

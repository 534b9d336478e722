#pragma once

#include "ldznet/image.h"

namespace ldznet {

/// Resizes to width x height with Pillow's antialiased Lanczos filter (a = 3): the same two passes, horizontal first,
/// in the same fixed-point arithmetic as Pillow's Resample.c on 8-bit pictures, so results agree to the bit.
Image resize_lanczos(const Image& image, int width, int height);

}  // namespace ldznet

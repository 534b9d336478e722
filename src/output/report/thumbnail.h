#pragma once

#include <string>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// The size of a small picture.
struct ThumbnailSize {
  int width = 0, height = 0;
};

/// The size that a picture has when its longer side is `side` pixels, or its own where that is less.
ThumbnailSize thumbnail_size(int width, int height, int side);

/// The bytes of a small JPEG of the picture.
std::string thumbnail_jpeg(const Image& image, ThumbnailSize size);

/// The bytes of a small PNG of the mask, in its colour and half transparent, to lie on the picture's.
std::string thumbnail_png(const Mask& mask, Color color, ThumbnailSize size);

}  // namespace ldznet

#pragma once

#include <string>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// The size of a thumbnail in pixels.
struct ThumbnailSize {
  int width = 0, height = 0;
};

/// The size of a picture scaled down to a longer side of `side` pixels; smaller pictures keep their size.
ThumbnailSize thumbnail_size(int width, int height, int side);

/// The picture as the bytes of a JPEG.
std::string thumbnail_jpeg(const Image& image, ThumbnailSize size);

/// The mask as the bytes of a PNG in one colour, half transparent, to lay over the picture's thumbnail.
std::string thumbnail_png(const Mask& mask, Color color, ThumbnailSize size);

}  // namespace ldznet

#pragma once

#include <string>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

inline constexpr double kMaskStrength = 0.62;    ///< opacity of masks on thumbnails
inline constexpr double kOutlineStrength = 0.8;  ///< opacity of their outlines

// Colours of `difference_thumbnail`, which people with any kind of colour vision tell apart.
inline constexpr Color kInBoth{200, 200, 200}, kOnlyOurs{0, 114, 230}, kOnlyTheirs{240, 120, 0};

/// The size of a thumbnail in pixels.
struct ThumbnailSize {
  int width = 0, height = 0;
};

/// The size of a picture scaled down to a longer side of `side` pixels; smaller pictures keep their size.
ThumbnailSize thumbnail_size(int width, int height, int side);

/// The picture as the bytes of a JPEG.
std::string thumbnail_jpeg(const Image& image, ThumbnailSize size);

/// The mask as the bytes of a PNG, to lay over the picture's thumbnail: in one colour, half transparent, with a white
/// and then a black line of one pixel around it. One of the lines stands out on any picture.
std::string thumbnail_png(const Mask& mask, Color color, ThumbnailSize size);

/// The bytes of a PNG, to lay over the picture's thumbnail: where the masks, of one size, agree and where not.
std::string difference_thumbnail(const Mask& ours, const Mask& theirs, ThumbnailSize size);

/// The bytes of a gray PNG; 255 is 1.0. Small, since probabilities change slowly from pixel to pixel.
std::string probability_thumbnail(const Probability& map);

}  // namespace ldznet

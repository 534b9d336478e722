#pragma once

#include <cstdint>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Label Studio's run lengths of a mask, which are not COCO's: the picture's rows, every pixel four bytes of 255 or 0
/// (red, green, blue, alpha), packed as thi.ng/rle-pack does. A head of 32 bits with the count of bytes, 5 with the
/// bits of a byte less one, four times 4 with the bits of a run's length less one; then for every run a bit that it is
/// one, 2 bits for which of the four lengths' widths it has, its length less one, and its byte; padded with zeros.
/// Throws Error(bad_image) for a picture of more than 2^30 pixels, which the head cannot tell of.
std::vector<std::uint8_t> encode_brush_rle(const Mask& mask);

}  // namespace ldznet

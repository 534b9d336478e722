#pragma once

#include <cstdint>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Label Studio's run-length encoding of a mask, which differs from COCO's: the mask as rows of RGBA pixels, each four
/// bytes of 255 or 0, packed in the format of thi.ng/rle-pack:
///
/// - header: the number of bytes (32 bits), the bits per byte minus 1 (5 bits), and four times the bits of a run length
///   minus 1 (4 bits each);
/// - each run: a 1 (1 bit), which of the four run-length widths it uses (2 bits), its length minus 1, and its byte;
/// - zero bits up to a whole byte.
///
/// Throws Error(bad_image) for a mask of 2^30 pixels or more, whose number of bytes does not fit into the header.
std::vector<std::uint8_t> encode_brush_rle(const Mask& mask);

}  // namespace ldznet

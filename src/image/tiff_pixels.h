#pragma once

#include <cstddef>
#include <span>

#include "image/format/tiff.h"
#include "image/vips_picture.h"

namespace ldznet {

/// Decodes the page of a TIFF file with libtiff, for layouts that libvips does not read. Integer samples are
/// scaled to 8 or 16 bits, with black at 0. Nothing when the page is damaged or has no gray, RGB or CMYK samples.
VipsPicture decode_tiff(std::span<const std::byte> encoded, const TiffInfo& info);

}  // namespace ldznet

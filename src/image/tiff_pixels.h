#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "image/format/tiff.h"
#include "image/vips_picture.h"

namespace ldznet {

/// Decodes the page of a TIFF file with libtiff, for layouts that libvips does not read. Integer samples are
/// scaled to 8 or 16 bits, with black at 0. A null pointer when the page is damaged, nothing for other samples than
/// gray, RGB and CMYK.
std::optional<VipsPicture> decode_tiff(std::span<const std::byte> encoded, const TiffInfo& info);

}  // namespace ldznet

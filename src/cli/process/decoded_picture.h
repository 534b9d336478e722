#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "ldznet/image.h"

namespace ldznet::cli {

/// A decoded picture and how long decoding took.
struct DecodedPicture {
  std::shared_ptr<const Image> image;
  double decode_ms = 0;
};

/// Decodes a picture, which messages call `name`; `keep_own`: with its own pixels, see OwnPixels. Throws
/// Error(bad_image).
DecodedPicture decode_picture(std::span<const std::byte> encoded, const std::string& name,
                              std::uint64_t max_pixels = kMostPixels, bool keep_own = false);

}  // namespace ldznet::cli

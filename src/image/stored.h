#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "image/header.h"

namespace ldznet {

/// A picture as its file stores it.
struct StoredPicture {
  Header header;
  cv::Mat pixels;  ///< 1, 3 or 4 channels (BGR order), 8 or 16 bits, not yet upright
};

/// Decodes an encoded picture after looking at its header: too large ones are refused before a pixel is decoded.
/// `name` is used in messages. Throws Error(bad_image).
StoredPicture decode_stored(std::span<const std::byte> encoded, const std::string& name);

}  // namespace ldznet

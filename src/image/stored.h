#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "image/header.h"

namespace ldznet {

/// A picture as stored in its file.
struct StoredPicture {
  Header header;
  cv::Mat pixels;  ///< 1, 3 or 4 channels (BGR order), 8 or 16 bits, not yet upright
};

/// Checks an encoded picture's header and size limit, then decodes it. `name` is used in messages.
/// Throws Error(bad_image).
StoredPicture decode_stored(std::span<const std::byte> encoded, const std::string& name);

}  // namespace ldznet

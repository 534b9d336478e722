#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace ldznet {

/// What is found at the ends of a JPEG file's segments.
struct JpegMarkers {
  bool complete = false;          ///< nothing is missing, but for the end marker perhaps
  std::vector<std::byte> mended;  ///< the file without bytes between segments and with an end marker; empty: it is so
};

/// Looks for missing ends, which a decoder would fill with gray, and for bytes between segments, of which it would only
/// warn as of real damage.
JpegMarkers read_jpeg_markers(std::span<const std::byte> encoded);

}  // namespace ldznet

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ldznet {

/// The size that a JPEG 2000 file's code stream says, which libvips does not compare with that of its channels.
struct Jpeg2000Size {
  std::uint64_t width = 0, height = 0;
};

/// Reads it; nothing when there is no such header.
std::optional<Jpeg2000Size> read_jpeg2000_size(std::span<const std::byte> encoded);

}  // namespace ldznet

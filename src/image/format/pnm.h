#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ldznet {

/// The header of a PNM picture.
struct PnmHeader {
  std::uint64_t width = 0, height = 0;
  bool from_bottom = false;  ///< the last row is the first: PFM
  std::uint32_t white = 1;   ///< the largest sample value; 1 for bitmaps and floating-point samples (PFM)
  char kind = 0;             ///< the second character of the file: '1' to '6', 'f' or 'F'

  /// How many bytes the pixels take at least, for at most 2^40 pixels.
  std::uint64_t least_bytes() const;
};

/// Reads it; nothing when it is no PNM header. A header that `encoded` cuts off has zeros.
std::optional<PnmHeader> read_pnm_header(std::span<const std::byte> encoded);

/// A plain PBM file (P1) with white space between its pixels, which libvips needs and the format does not; empty for
/// other pictures.
std::vector<std::byte> with_separate_pixels(std::span<const std::byte> encoded);

}  // namespace ldznet

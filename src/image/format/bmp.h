#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ldznet {

/// What a BMP file's header says.
struct BmpHeader {
  std::uint64_t width = 0, height = 0;
  bool from_top = false;          ///< rows from the top; usually they start at the bottom
  int bits = 0;                   ///< of a pixel: 1, 2, 4 or 8 (palette), 16, 24 or 32
  std::uint32_t compression = 0;  ///< 0: none, 1: RLE8, 2: RLE4, 3 and 6: bit fields
  std::size_t pixels_at = 0;      ///< offset of the pixels
  std::size_t palette_at = 0;     ///< offset of the palette, and the bytes of an entry: 3 or 4
  std::size_t palette_entry = 0;
  std::uint32_t masks[4] = {};  ///< of red, green, blue and alpha in a pixel of 16 or 32 bits
};

/// Reads it; nothing when it is damaged or of a kind that is not supported, such as an embedded JPEG.
std::optional<BmpHeader> read_bmp_header(std::span<const std::byte> encoded);

/// The pixels of a BMP file, which libvips does not read.
struct BmpPixels {
  int channels = 3;                ///< 3: RGB, 4: RGBA
  std::vector<std::uint8_t> rows;  ///< height * width * channels, rows from the top
};

/// Decodes them; nothing when some are missing. Pixels that a compressed file skips have the palette's first colour.
std::optional<BmpPixels> decode_bmp(std::span<const std::byte> encoded, const BmpHeader& header);

}  // namespace ldznet

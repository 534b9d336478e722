#pragma once

#include <cstddef>
#include <span>

namespace ldznet {

/// What the chunks of a PNG file say besides the pixels, wherever in the file they are.
struct PngChunks {
  int orientation = 1;                      ///< of the EXIF block, which may be a chunk or text; 1 to 8
  bool animated = false;                    ///< an animation of more than one frame
  std::span<const std::byte> palette = {};  ///< red, green and blue of each entry; empty: pixels are no indices
};

PngChunks read_png_chunks(std::span<const std::byte> encoded);

}  // namespace ldznet

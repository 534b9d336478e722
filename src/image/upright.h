#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ldznet {

/// Where the pixels of a picture go when its EXIF orientation is undone.
class Upright {
 public:
  /// The stored size and the orientation, 1 to 8.
  Upright(int width, int height, int orientation);

  int width() const { return width_; }    ///< upright
  int height() const { return height_; }  ///< upright

  /// Writes a stored row of `channels` bytes a pixel into the upright picture.
  void put_row(int row, const std::uint8_t* pixels, int channels, std::uint8_t* picture) const;

 private:
  int stored_width_;
  int width_, height_;
  std::ptrdiff_t first_ = 0, column_step_ = 1, row_step_ = 0;  // of pixels in the upright picture
};

}  // namespace ldznet

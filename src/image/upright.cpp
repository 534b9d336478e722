#include "image/upright.h"

#include <cstring>

namespace ldznet {

Upright::Upright(int width, int height, int orientation)
    : stored_width_(width), width_(orientation >= 5 ? height : width), height_(orientation >= 5 ? width : height) {
  const std::ptrdiff_t right = 1, down = width_;
  // Where the stored rows and columns lead in the upright picture, and whether they start at its far end.
  const bool turned = orientation >= 5;
  const bool mirrored_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool mirrored_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const std::ptrdiff_t x_step = mirrored_x ? -right : right, y_step = mirrored_y ? -down : down;
  first_ = (mirrored_x ? width_ - 1 : 0) + (mirrored_y ? height_ - 1 : 0) * down;
  column_step_ = turned ? y_step : x_step;
  row_step_ = turned ? x_step : y_step;
}

void Upright::put_row(int row, const std::uint8_t* pixels, int channels, std::uint8_t* picture) const {
  std::uint8_t* to = picture + (first_ + row * row_step_) * channels;
  if (column_step_ == 1) {
    std::memcpy(to, pixels, static_cast<std::size_t>(stored_width_) * channels);
    return;
  }
  for (int x = 0; x < stored_width_; ++x, pixels += channels, to += column_step_ * channels)
    std::memcpy(to, pixels, channels);
}

}  // namespace ldznet

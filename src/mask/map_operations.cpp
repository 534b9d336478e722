#include "mask/map_operations.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace ldznet {

namespace {

/// How far the rows of a disc reach to each side, by their distance from the centre.
std::vector<int> disc(int radius) {
  const auto square = [](int side) { return std::int64_t{side} * side; };
  std::vector<int> reaches;
  for (int dy = 0, reach = radius; dy <= radius; ++dy) {
    while (square(reach) + square(dy) > square(radius)) --reach;
    reaches.push_back(reach);
  }
  return reaches;
}

/// One row of a map with the best value within a growing distance to the left and right of each pixel.
template <typename Better>
class WidenedRow {
 public:
  /// `neutral` stands for the pixels outside the picture, up to `margin` pixels away.
  WidenedRow(const float* row, int width, int margin, float neutral)
      : margin_(margin), values_(static_cast<std::size_t>(width) + 2 * static_cast<std::size_t>(margin), neutral) {
    std::copy_n(row, width, values_.begin() + margin);
  }

  /// Widens to `reach` pixels on both sides, at most the margin. A window of 2 r + 1 pixels joins its neighbours at a
  /// distance of up to 2 r + 1, so that the reach triples with every pass.
  void widen_to(int reach) {
    while (reach_ < reach) {
      const int step = std::min(reach - reach_, 2 * reach_ + 1);
      const std::vector<float> narrow = values_;
      const std::size_t count = values_.size() - static_cast<std::size_t>(step);
      join(values_.data() + step, narrow.data(), count);
      join(values_.data(), narrow.data() + step, count);
      reach_ += step;
    }
  }

  void join_into(float* row, int width) const { join(row, values_.data() + margin_, static_cast<std::size_t>(width)); }

 private:
  static void join(float* values, const float* others, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) values[i] = Better()(others[i], values[i]) ? others[i] : values[i];
  }

  int margin_, reach_ = 0;
  std::vector<float> values_;
};

/// The best value within the disc around every pixel. Each row is widened from the disc's narrowest row to its widest
/// and joined into the rows above and below: 2 * radius passes over the picture in place of radius^2.
template <typename Better>
Probability best_in_disc(const Probability& map, int radius, float neutral) {
  radius = std::min(radius, map.width + map.height);  // reaches every pixel from every other
  const std::vector<int> reaches = disc(radius);
  Probability result = map;
  const auto row = [&](auto& values, int y) { return values.data() + static_cast<std::size_t>(y) * map.width; };
  for (int y = 0; y < map.height; ++y) {
    WidenedRow<Better> widened(row(map.values, y), map.width, radius, neutral);
    for (int dy = radius; dy >= 0; --dy) {
      if (y - dy < 0 && y + dy >= map.height) continue;
      widened.widen_to(reaches[dy]);
      if (y - dy >= 0) widened.join_into(row(result.values, y - dy), map.width);
      if (dy > 0 && y + dy < map.height) widened.join_into(row(result.values, y + dy), map.width);
    }
  }
  return result;
}

}  // namespace

Probability complement(Probability map) {
  for (float& value : map.values) value = 1 - value;
  return map;
}

Probability minimum(Probability map, const Probability& other) {
  for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] = std::min(map.values[i], other.values[i]);
  return map;
}

Probability maximum(Probability map, const Probability& other) {
  for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] = std::max(map.values[i], other.values[i]);
  return map;
}

Probability grow(const Probability& map, int radius) { return best_in_disc<std::greater<>>(map, radius, 0); }

Probability shrink(const Probability& map, int radius) { return best_in_disc<std::less<>>(map, radius, 1); }

Probability feather(Probability map, double sigma) {
  if (sigma <= 0 || map.values.empty()) return map;
  cv::Mat pixels(map.height, map.width, CV_32F, map.values.data());
  cv::GaussianBlur(pixels, pixels, {}, sigma, 0, cv::BORDER_REFLECT);
  // The kernel's weights may add up to slightly more than 1.
  for (float& value : map.values) value = std::clamp(value, 0.0F, 1.0F);
  return map;
}

Probability multiply_odds(Probability map, double factor) {
  const auto scale = static_cast<float>(factor);
  for (float& value : map.values) value = scale * value / (1 - value + scale * value);
  return map;
}

Probability decide(const Probability& map, double threshold) {
  const Mask mask = apply_threshold(map, threshold);
  return {map.width, map.height, std::vector<float>(mask.pixels.begin(), mask.pixels.end())};
}

}  // namespace ldznet

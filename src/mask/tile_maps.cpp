#include "mask/tile_maps.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "mask/cv_view.h"

namespace ldznet {

namespace {

constexpr double kInside = 0.5;  // what counts as found in comparing tiles and the whole picture

}  // namespace

TileAxis tile_axis(int pixels, int side) {
  TileAxis axis{pixels, std::min(side, pixels), {0}, {}};
  const int step = std::max(1, axis.side * 3 / 4), room = pixels - axis.side;
  const int steps = (room + step - 1) / step;
  for (std::int64_t i = 1; i <= steps; ++i) axis.starts.push_back(static_cast<int>(room * i / steps));
  std::vector<double> window, sums(static_cast<std::size_t>(pixels));
  for (int i = 0; i < axis.side; ++i) window.push_back(std::pow(std::sin(std::numbers::pi * (i + 0.5) / axis.side), 2));
  for (const int start : axis.starts)
    for (int i = 0; i < axis.side; ++i) sums[start + i] += window[i];
  for (const int start : axis.starts) {
    std::vector<float>& weights = axis.weights.emplace_back();
    for (int i = 0; i < axis.side; ++i) weights.push_back(static_cast<float>(window[i] / sums[start + i]));
  }
  return axis;
}

void add_tile(const TileAxis& across, std::size_t column, const TileAxis& down, std::size_t row,
              const Probability& tile, Probability& sum) {
  for (int y = 0; y < tile.height; ++y) {
    const float* values = tile.values.data() + static_cast<std::size_t>(y) * tile.width;
    float* sums =
        sum.values.data() + static_cast<std::size_t>(down.starts[row] + y) * sum.width + across.starts[column];
    for (int x = 0; x < tile.width; ++x) sums[x] += down.weights[row][y] * across.weights[column][x] * values[x];
  }
}

Probability with_context(Probability tiles, const Probability& whole, int side) {
  const Mask found = apply_threshold(whole, kInside);
  cv::Mat labels, stats, centroids;
  cv::connectedComponentsWithStats(view(found), labels, stats, centroids, 8, CV_32S);
  std::vector<std::uint8_t> is_larger(static_cast<std::size_t>(stats.rows));
  for (int label = 1; label < stats.rows; ++label)
    is_larger[label] =
        std::max(stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT)) > side ? 1 : 0;
  std::size_t i = 0;
  for (int y = 0; y < whole.height; ++y) {
    const int* row = labels.ptr<int>(y);
    for (int x = 0; x < whole.width; ++x, ++i) {
      float& value = tiles.values[i];
      if (is_larger[row[x]] != 0 || (row[x] != 0 && value >= kInside)) value = std::max(value, whole.values[i]);
    }
  }
  return tiles;
}

}  // namespace ldznet

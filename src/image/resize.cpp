#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace ldznet {
namespace {

constexpr double kSupport = 3.0;        // Lanczos a
constexpr int kPrecision = 32 - 8 - 2;  // fractional bits of a weight; the rest holds 8-bit values and the overshoot

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -kSupport <= x && x < kSupport ? sinc(x) * sinc(x / kSupport) : 0.0; }

/// For every output position: the first input position it reads, how many it reads, and their fixed-point weights.
struct Weights {
  int taps = 0;  ///< weights stored per output position; those from `count` on are unused
  std::vector<int> first, count;
  std::vector<std::int32_t> values;
};

Weights make_weights(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double filter_scale = std::max(scale, 1.0);  // antialiasing: downscaling widens the filter
  const double support = kSupport * filter_scale;
  Weights weights;
  weights.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
  weights.values.resize(static_cast<std::size_t>(out) * weights.taps);
  std::vector<double> row(weights.taps);
  for (int x = 0; x < out; ++x) {
    const double centre = (x + 0.5) * scale;
    // Pillow rounds by adding a half and truncating. NOLINTBEGIN(bugprone-incorrect-roundings)
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int count = std::min(static_cast<int>(centre + support + 0.5), in) - first;
    // NOLINTEND(bugprone-incorrect-roundings)
    double total = 0.0;
    for (int i = 0; i < count; ++i) {
      row[i] = lanczos((i + first - centre + 0.5) * (1.0 / filter_scale));
      total += row[i];
    }
    for (int i = 0; i < count; ++i) {
      const double weight = (total != 0.0 ? row[i] / total : row[i]) * (1 << kPrecision);
      weights.values[static_cast<std::size_t>(x) * weights.taps + i] =
          static_cast<int>(weight + (weight < 0 ? -0.5 : 0.5));
    }
    weights.first.push_back(first);
    weights.count.push_back(count);
  }
  return weights;
}

std::uint8_t clip8(std::int32_t value) { return static_cast<std::uint8_t>(std::clamp(value >> kPrecision, 0, 255)); }

constexpr std::int32_t kHalf = 1 << (kPrecision - 1);

Image resize_horizontally(const Image& image, int width) {
  const Weights weights = make_weights(image.width, width);
  Image out{width, image.height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * image.height * 3), {}};
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.rgb.data() + static_cast<std::size_t>(y) * image.width * 3;
    std::uint8_t* target = out.rgb.data() + static_cast<std::size_t>(y) * width * 3;
    for (int x = 0; x < width; ++x) {
      const std::int32_t* w = weights.values.data() + static_cast<std::size_t>(x) * weights.taps;
      const std::uint8_t* pixel = row + static_cast<std::size_t>(weights.first[x]) * 3;
      std::int32_t r = kHalf, g = kHalf, b = kHalf;
      for (int i = 0; i < weights.count[x]; ++i, pixel += 3) {
        r += pixel[0] * w[i];
        g += pixel[1] * w[i];
        b += pixel[2] * w[i];
      }
      *target++ = clip8(r);
      *target++ = clip8(g);
      *target++ = clip8(b);
    }
  }
  return out;
}

Image resize_vertically(const Image& image, int height) {
  const Weights weights = make_weights(image.height, height);
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
  Image out{image.width, height, std::vector<std::uint8_t>(stride * height), {}};
  std::vector<std::int32_t> sums(stride);
  for (int y = 0; y < height; ++y) {
    const std::int32_t* w = weights.values.data() + static_cast<std::size_t>(y) * weights.taps;
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int i = 0; i < weights.count[y]; ++i) {
      const std::uint8_t* row = image.rgb.data() + (weights.first[y] + i) * stride;
      for (std::size_t x = 0; x < stride; ++x) sums[x] += row[x] * w[i];
    }
    std::transform(sums.begin(), sums.end(), out.rgb.begin() + static_cast<std::ptrdiff_t>(y * stride), clip8);
  }
  return out;
}

}  // namespace

Image resize_lanczos(const Image& image, int width, int height) {
  // Pillow skips the pass of a side that does not change.
  if (image.width == width && image.height == height) return image;
  if (image.width == width) return resize_vertically(image, height);
  if (image.height == height) return resize_horizontally(image, width);
  return resize_vertically(resize_horizontally(image, width), height);
}

}  // namespace ldznet

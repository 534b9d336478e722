#include "ldznet/refine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "ldznet/error.h"

namespace ldznet {

namespace {

// Chosen by scripts/check_refine.py, see docs/large-pictures.md.
constexpr double kReach = 3;       // radius of the windows, pixels of the working image
constexpr int kBlocks = 3;         // the radius of the windows in blocks of pixels
constexpr int kSmallestBlock = 2;  // pixels along a side; smaller ones would take long and change little
constexpr float kEpsilon = 1e-4F;  // variance of colour, on a scale from 0 to 1, below which a window counts as flat

/// The place of a pixel between the centres of two blocks along an axis.
struct Place {
  int low, high;  // the blocks
  float share;    // of the higher one
};

std::vector<Place> places(int pixels, int blocks, int side) {
  std::vector<Place> all;
  for (int i = 0; i < pixels; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / static_cast<float>(side) - 0.5F;
    const float inside = std::clamp(at, 0.0F, static_cast<float>(blocks - 1));
    const int low = static_cast<int>(inside);
    all.push_back({low, std::min(low + 1, blocks - 1), inside - static_cast<float>(low)});
  }
  return all;
}

/// Means of blocks of side x side pixels with `Channels` values each; blocks at the end may be smaller.
template <int Channels, typename Value>
cv::Mat means_of_blocks(const Value* values, int width, int height, int side, float scale) {
  cv::Mat means((height + side - 1) / side, (width + side - 1) / side, CV_32FC(Channels), cv::Scalar::all(0));
  for (int y = 0; y < height; ++y) {
    float* row = means.ptr<float>(y / side);
    for (int x = 0; x < width; x += side, row += Channels)
      for (const Value* end = values + std::min(side, width - x) * Channels; values != end; values += Channels)
        for (int c = 0; c < Channels; ++c) row[c] += static_cast<float>(values[c]);
  }
  for (int y = 0; y < means.rows; ++y) {
    float* row = means.ptr<float>(y);
    const int rows = std::min(side, height - y * side);
    for (int x = 0; x < means.cols; ++x, row += Channels) {
      const float weight = scale / static_cast<float>(rows * std::min(side, width - x * side));
      for (int c = 0; c < Channels; ++c) row[c] *= weight;
    }
  }
  return means;
}

/// The inverse of a symmetric 3 x 3 matrix; both as (00, 01, 02, 11, 12, 22).
std::array<float, 6> inverse(const std::array<double, 6>& m) {
  const std::array<double, 6> cofactors = {m[3] * m[5] - m[4] * m[4], m[2] * m[4] - m[1] * m[5],
                                           m[1] * m[4] - m[2] * m[3], m[0] * m[5] - m[2] * m[2],
                                           m[1] * m[2] - m[0] * m[4], m[0] * m[3] - m[1] * m[1]};
  const double determinant = m[0] * cofactors[0] + m[1] * cofactors[1] + m[2] * cofactors[2];
  std::array<float, 6> result{};
  for (std::size_t i = 0; i < 6; ++i) result[i] = static_cast<float>(cofactors[i] / determinant);
  return result;
}

}  // namespace

/// What is the same for all maps of a picture, by block.
struct Refiner::Statistics {
  const Image& image;
  int side;           // of a block, pixels
  int radius;         // of a window, blocks
  cv::Mat colour;     // 3 channels: a block's colour
  cv::Mat mean;       // 3 channels: its mean in a window
  cv::Mat precision;  // 6 channels: the inverse of its covariance in a window
  std::vector<Place> across, down;

  cv::Mat box(const cv::Mat& values) const {
    cv::Mat means;
    cv::blur(values, means, {2 * radius + 1, 2 * radius + 1}, {-1, -1}, cv::BORDER_REFLECT_101);
    return means;
  }

  void measure_windows();
  cv::Mat factors(const Probability& map) const;
  void apply(const cv::Mat& factors, Probability& map) const;
};

/// Fills in `mean` and `precision`.
void Refiner::Statistics::measure_windows() {
  cv::Mat products(colour.size(), CV_32FC(6));
  for (int y = 0; y < colour.rows; ++y) {
    const float* c = colour.ptr<float>(y);
    float* p = products.ptr<float>(y);
    for (int x = 0; x < colour.cols; ++x, c += 3, p += 6) {
      p[0] = c[0] * c[0], p[1] = c[0] * c[1], p[2] = c[0] * c[2];
      p[3] = c[1] * c[1], p[4] = c[1] * c[2], p[5] = c[2] * c[2];
    }
  }
  mean = box(colour);
  precision = box(products);
  for (int y = 0; y < colour.rows; ++y) {
    const float* m = mean.ptr<float>(y);
    float* p = precision.ptr<float>(y);
    for (int x = 0; x < colour.cols; ++x, m += 3, p += 6) {
      const auto covariance = [&](int k, int i, int j) {
        return static_cast<double>(p[k]) - static_cast<double>(m[i]) * m[j] + (i == j ? kEpsilon : 0);
      };
      const auto inverted = inverse({covariance(0, 0, 0), covariance(1, 0, 1), covariance(2, 0, 2), covariance(3, 1, 1),
                                     covariance(4, 1, 2), covariance(5, 2, 2)});
      std::copy(inverted.begin(), inverted.end(), p);
    }
  }
}

/// By block, the three factors of the colour (0 to 255) and the constant that give the probability.
cv::Mat Refiner::Statistics::factors(const Probability& map) const {
  const cv::Mat low = means_of_blocks<1>(map.values.data(), map.width, map.height, side, 1);
  cv::Mat products(low.size(), CV_32FC4);
  for (int y = 0; y < low.rows; ++y) {
    const float *p = low.ptr<float>(y), *c = colour.ptr<float>(y);
    float* out = products.ptr<float>(y);
    for (int x = 0; x < low.cols; ++x, ++p, c += 3, out += 4)
      out[0] = *p * c[0], out[1] = *p * c[1], out[2] = *p * c[2], out[3] = *p;
  }
  cv::Mat fitted = box(products);
  for (int y = 0; y < low.rows; ++y) {
    const float *m = mean.ptr<float>(y), *i = precision.ptr<float>(y);
    float* f = fitted.ptr<float>(y);
    for (int x = 0; x < low.cols; ++x, m += 3, i += 6, f += 4) {
      const float p = f[3], r = f[0] - p * m[0], g = f[1] - p * m[1], b = f[2] - p * m[2];
      f[0] = i[0] * r + i[1] * g + i[2] * b;
      f[1] = i[1] * r + i[3] * g + i[4] * b;
      f[2] = i[2] * r + i[4] * g + i[5] * b;
      f[3] = p - f[0] * m[0] - f[1] * m[1] - f[2] * m[2];
      for (int k = 0; k < 3; ++k) f[k] /= 255;
    }
  }
  return box(fitted);
}

/// The factors between the blocks' centres, bilinear, applied to every pixel's colour.
void Refiner::Statistics::apply(const cv::Mat& factors, Probability& map) const {
  std::vector<float> row(static_cast<std::size_t>(factors.cols) * 4);
  const std::uint8_t* rgb = image.rgb.data();
  float* value = map.values.data();
  for (const Place& y : down) {
    const float *low = factors.ptr<float>(y.low), *high = factors.ptr<float>(y.high);
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = low[k] + y.share * (high[k] - low[k]);
    for (const Place& x : across) {
      const float *left = row.data() + std::size_t{4} * x.low, *right = row.data() + std::size_t{4} * x.high;
      std::array<float, 4> f{};
      for (std::size_t k = 0; k < 4; ++k) f[k] = left[k] + x.share * (right[k] - left[k]);
      const auto red = static_cast<float>(rgb[0]), green = static_cast<float>(rgb[1]),
                 blue = static_cast<float>(rgb[2]);
      *value++ = std::clamp(f[0] * red + f[1] * green + f[2] * blue + f[3], 0.0F, 1.0F);
      rgb += 3;
    }
  }
}

Refiner::Refiner(const Image& image, double reduction) {
  const double reach = kReach * std::max(reduction, 1.0);
  const int side = std::max(kSmallestBlock, static_cast<int>(reach / kBlocks));
  auto statistics = std::make_unique<Statistics>(
      Statistics{image,
                 side,
                 static_cast<int>(std::lround(reach / side)),
                 means_of_blocks<3>(image.rgb.data(), image.width, image.height, side, 1.0F / 255),
                 {},
                 {},
                 {},
                 {}});
  statistics->across = places(image.width, statistics->colour.cols, side);
  statistics->down = places(image.height, statistics->colour.rows, side);
  if (!image.rgb.empty()) statistics->measure_windows();
  statistics_ = std::move(statistics);
}

Refiner::~Refiner() = default;
Refiner::Refiner(Refiner&&) noexcept = default;
Refiner& Refiner::operator=(Refiner&&) noexcept = default;

Probability Refiner::refine(const Probability& map) const {
  if (map.width != statistics_->image.width || map.height != statistics_->image.height)
    throw Error(ErrorCode::usage, "a map must have the size of the picture that it is refined with", "");
  Probability refined{map.width, map.height, std::vector<float>(map.values.size())};
  if (!map.values.empty()) statistics_->apply(statistics_->factors(map), refined);
  return refined;
}

}  // namespace ldznet

#include "output/report/thumbnail.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "image/encode_jpeg.h"
#include "mask/label_map.h"
#include "output/png.h"

namespace ldznet {

namespace {

constexpr int kQuality = 82;           // of the JPEG
constexpr int kProbabilitySide = 160;  // longer side of probability thumbnails, pixels

cv::Mat shrunk(const cv::Mat& picture, ThumbnailSize size) {
  cv::Mat small;
  cv::resize(picture, small, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  return small;
}

/// The share of each thumbnail's pixel that a mask, given as 0 or 255, covers; 0 to 255.
cv::Mat_<std::uint8_t> cover(const cv::Mat& inside, ThumbnailSize size) { return shrunk(inside, size); }

cv::Mat pixels_of(const Mask& mask) {
  return {mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.pixels.data())};
}

/// Pixels at most `radius` away from the mask, diagonals included; 0 or 255.
cv::Mat_<std::uint8_t> around(const cv::Mat& inside, int radius) {
  cv::Mat_<std::uint8_t> grown;
  cv::dilate(inside, grown, cv::getStructuringElement(cv::MORPH_RECT, {2 * radius + 1, 2 * radius + 1}));
  return grown;
}

std::uint8_t opacity(int covered, double strength = kMaskStrength) {
  return static_cast<std::uint8_t>(std::lround(covered * strength));
}

}  // namespace

ThumbnailSize thumbnail_size(int width, int height, int side) {
  const double scale = std::min(1.0, static_cast<double>(side) / std::max(width, height));
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
  return {scaled(width), scaled(height)};
}

std::string thumbnail_jpeg(const Image& image, ThumbnailSize size) {
  const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data()));
  const cv::Mat small = shrunk(rgb, size);
  return encode_jpeg({size.width, size.height, {small.datastart, small.dataend}, {}}, kQuality);
}

std::string thumbnail_png(const Mask& mask, Color color, ThumbnailSize size) {
  RgbaImage small{size.width, size.height, {}};
  small.rgba.reserve(static_cast<std::size_t>(size.width) * size.height * 4);
  const cv::Mat_<std::uint8_t> covered = cover(pixels_of(mask) * 255, size), near = around(covered != 0, 1),
                               far = around(covered != 0, 2);
  const auto put = [&](const Color& part, std::uint8_t alpha) {
    small.rgba.insert(small.rgba.end(), {part.red, part.green, part.blue, alpha});
  };
  for (int y = 0; y < covered.rows; ++y)
    for (int x = 0; x < covered.cols; ++x) {
      if (covered(y, x) != 0)
        put(color, opacity(covered(y, x)));
      else if (near(y, x) != 0)
        put({255, 255, 255}, opacity(255, kOutlineStrength));
      else
        put({0, 0, 0}, opacity(far(y, x), kOutlineStrength));
    }
  return encode_png(small);
}

std::string difference_thumbnail(const Mask& ours, const Mask& theirs, ThumbnailSize size) {
  const cv::Mat a = pixels_of(ours) != 0, b = pixels_of(theirs) != 0;
  const cv::Mat_<std::uint8_t> both = cover(a & b, size), only_ours = cover(a & ~b, size),
                               only_theirs = cover(b & ~a, size);
  RgbaImage small{size.width, size.height, {}};
  small.rgba.reserve(both.total() * 4);
  for (int y = 0; y < both.rows; ++y)
    for (int x = 0; x < both.cols; ++x) {
      const int shares[] = {both(y, x), only_ours(y, x), only_theirs(y, x)};
      const int sum = std::min(255, shares[0] + shares[1] + shares[2]);
      const auto mixed = [&](std::uint8_t Color::*part) {
        const int weighted = shares[0] * kInBoth.*part + shares[1] * kOnlyOurs.*part + shares[2] * kOnlyTheirs.*part;
        return static_cast<std::uint8_t>(std::min(255, weighted / std::max(1, sum)));
      };
      small.rgba.insert(small.rgba.end(),
                        {mixed(&Color::red), mixed(&Color::green), mixed(&Color::blue), opacity(sum)});
    }
  return encode_png(small);
}

std::string probability_thumbnail(const Probability& map) {
  const ThumbnailSize size = thumbnail_size(map.width, map.height, kProbabilitySide);
  const cv::Mat values(map.height, map.width, CV_32F, const_cast<float*>(map.values.data()));
  cv::Mat_<std::uint8_t> gray;
  shrunk(values, size).convertTo(gray, CV_8U, 255);
  return encode_png(LabelMap{size.width, size.height, {gray.begin(), gray.end()}}, 255);
}

}  // namespace ldznet

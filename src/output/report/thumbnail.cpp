#include "output/report/thumbnail.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "image/encode_jpeg.h"
#include "output/png.h"

namespace ldznet {

namespace {

constexpr int kQuality = 82;        // of the JPEG
constexpr double kStrength = 0.62;  // opacity of masks

cv::Mat shrunk(const cv::Mat& picture, ThumbnailSize size) {
  cv::Mat small;
  cv::resize(picture, small, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  return small;
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
  const cv::Mat inside(mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.pixels.data()));
  const cv::Mat cover = shrunk(inside * 255, size);
  RgbaImage small{size.width, size.height, {}};
  small.rgba.reserve(cover.total() * 4);
  for (const std::uint8_t alpha : cv::Mat_<std::uint8_t>(cover))
    small.rgba.insert(small.rgba.end(),
                      {color.red, color.green, color.blue, static_cast<std::uint8_t>(std::lround(alpha * kStrength))});
  return encode_png(small);
}

}  // namespace ldznet

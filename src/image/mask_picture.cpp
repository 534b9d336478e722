#include "image/mask_picture.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "image/format/png_chunks.h"
#include "image/open_picture.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

/// An entry of a palette: blue, green, red.
using Color = cv::Vec3b;

// Pixels of this colour, the last of PASCAL VOC's 256, belong to no class.
const Color kVocVoid(192, 224, 224);
constexpr std::size_t kVocColors = 256;

/// The largest value of a picture's 8 or 16 bits.
double white_of(const OpenPicture& picture) {
  if (picture.image->BandFmt == VIPS_FORMAT_SHORT) return picture.white;
  return picture.image->BandFmt == VIPS_FORMAT_UCHAR && picture.white == 255 ? 255 : 65535;
}

/// Decodes a picture as it is stored: gray, BGR or BGRA of 8 or 16 bits.
cv::Mat stored_pixels(const OpenPicture& picture) {
  VipsImage* image = picture.image.get();
  const bool bytes = white_of(picture) == 255;
  const int used = std::min(picture.colours, 3) + (picture.alpha ? 1 : 0);
  cv::Mat pixels(image->Ysize, image->Xsize, CV_MAKETYPE(bytes ? CV_8U : CV_16U, used));
  const double scale = white_of(picture) / picture.white;
  bool negative = false;
  for_each_strip(picture, image, [&](const Strip& strip) {
    for (int row = 0; row < strip.rows; ++row) {
      const std::byte* samples = strip.data + row * strip.stride;
      for (int i = 0; i < image->Xsize * used; ++i) {
        const auto at = static_cast<std::size_t>(i / used) * image->Bands + i % used;
        const double value = sample(image->BandFmt, samples, at) * scale;
        negative = negative || value < 0;
        if (bytes)
          pixels.ptr<std::uint8_t>(strip.top + row)[i] = cv::saturate_cast<std::uint8_t>(value);
        else
          pixels.ptr<std::uint16_t>(strip.top + row)[i] = cv::saturate_cast<std::uint16_t>(value);
      }
    }
  });
  if (negative) refuse_negative(picture.name);
  const cv::Mat planes = pixels;
  constexpr int kGrayToAll[] = {0, 0, 0, 1, 0, 2, 1, 3};
  if (used == 2) {
    pixels = cv::Mat(planes.size(), CV_MAKETYPE(planes.depth(), 4));
    cv::mixChannels(&planes, 1, &pixels, 1, kGrayToAll, 4);
  }
  if (used >= 3) cv::cvtColor(planes, pixels, used == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGRA);
  return pixels;
}

/// The palette of a PNG that has one; empty for other pictures.
std::vector<Color> png_palette(std::span<const std::byte> encoded, PictureType type) {
  std::vector<Color> colors;
  if (type != PictureType::png) return colors;
  const auto entries = read_png_chunks(encoded).palette;
  for (std::size_t i = 0; i + 2 < entries.size(); i += 3)
    colors.emplace_back(static_cast<std::uint8_t>(entries[i + 2]), static_cast<std::uint8_t>(entries[i + 1]),
                        static_cast<std::uint8_t>(entries[i]));
  return colors;
}

bool is_gray(const Color& color) { return color[0] == color[1] && color[1] == color[2]; }

bool is_lossy(std::span<const std::byte> encoded, PictureType type) {
  const std::string_view text(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  return type == PictureType::jpeg || type == PictureType::heic || type == PictureType::avif ||
         (type == PictureType::webp && text.find("VP8 "sv) != std::string_view::npos);
}

cv::Mat channel(const cv::Mat& pixels, int index) {
  cv::Mat plane;
  cv::extractChannel(pixels, plane, index);
  return plane;
}

bool is_transparent(const cv::Mat& pixels, double white) {
  if (pixels.channels() != 4) return false;
  double least = 0;
  cv::minMaxLoc(channel(pixels, 3), &least);
  return least < white;
}

/// The brightest of each pixel's colours.
cv::Mat brightest(const cv::Mat& pixels) {
  cv::Mat most = channel(pixels, 0);
  for (int c = 1; c < std::min(pixels.channels(), 3); ++c) cv::max(most, channel(pixels, c), most);
  return most;
}

bool is_gray(const cv::Mat& pixels) {
  const cv::Mat most = brightest(pixels);
  for (int c = 0; c < std::min(pixels.channels(), 3); ++c)
    if (cv::countNonZero(channel(pixels, c) != most) > 0) return false;
  return true;
}

/// Whether every value is 0 or `other`.
bool has_only(const cv::Mat& plane, double other) {
  return cv::countNonZero(plane) == cv::countNonZero(plane == other);
}

Probability scaled(const cv::Mat& plane, double white) {
  Probability map{plane.cols, plane.rows, std::vector<float>(plane.total())};
  cv::Mat values(plane.size(), CV_32F, map.values.data());
  plane.convertTo(values, CV_32F);
  for (float& value : map.values) value /= static_cast<float>(white);
  return map;
}

/// Gray or transparency: probabilities, unless all values are those of a mask.
MaskPicture from_shades(const cv::Mat& plane, double white) {
  if (has_only(plane, 1)) {
    const bool is_black = cv::countNonZero(plane) == 0;
    return {.map = scaled(plane, 1), .least = is_black ? std::nullopt : std::optional(static_cast<float>(1 / white))};
  }
  return {.map = scaled(plane, has_only(plane, 255) ? 255 : white), .least = {}};
}

/// Colours: inside is what differs from the background, and with VOC's palette from its void as well.
MaskPicture from_labels(const cv::Mat& pixels, const std::vector<Color>& palette) {
  const Color background = palette.empty() ? Color(0, 0, 0) : palette[0];
  const bool has_void = palette.size() == kVocColors && palette.back() == kVocVoid;
  cv::Mat colors = pixels, outside;
  if (pixels.channels() == 4) cv::cvtColor(pixels, colors, cv::COLOR_BGRA2BGR);
  cv::inRange(colors, cv::Scalar(background), cv::Scalar(background), outside);
  if (has_void) {
    cv::Mat undecided;
    cv::inRange(colors, cv::Scalar(kVocVoid), cv::Scalar(kVocVoid), undecided);
    outside |= undecided;
  }
  return {.map = scaled(~outside, 255), .least = {}};
}

MaskPicture from_pixels(const cv::Mat& pixels, double white, const std::vector<Color>& palette, bool is_lossy) {
  if (is_transparent(pixels, white)) return from_shades(channel(pixels, 3), white);
  const bool has_labels = std::any_of(palette.begin(), palette.end(), [](const Color& c) { return !is_gray(c); });
  if (has_labels || (!is_lossy && !is_gray(pixels))) return from_labels(pixels, palette);
  return from_shades(brightest(pixels), white);
}

}  // namespace

MaskPicture MaskReader::read(const std::filesystem::path& path) {
  const std::string content = read_picture_file(path);
  const auto encoded = std::as_bytes(std::span(content));
  OpenPicture opened = open_picture(encoded, path.string(), max_pixels_);
  const bool lossy = is_lossy(encoded, opened.type);
  MaskPicture picture = from_pixels(stored_pixels(opened), white_of(opened), png_palette(encoded, opened.type), lossy);
  finish_picture(opened);
  picture.is_exact = !lossy;
  if (lossy && !has_warned_)
    log::warn(path.string() + " is a mask with lossy compression, whose edges are not exact; PNG keeps them");
  has_warned_ = has_warned_ || lossy;
  return picture;
}

}  // namespace ldznet

#include "draw/draw.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "mask/cv_view.h"

namespace ldznet {

namespace {

constexpr float kTint = 0.42F;          // share of the colour inside a mask
constexpr float kHalo = 0.55F;          // share of white next to the line, which separates it from a similar background
constexpr float kHaloReach = 1.6F;      // width of line and halo together, in widths of the line
constexpr double kLinesAcross = 220.0;  // the picture's shorter side, in widths of the line

/// The distance in pixels from each pixel of the mask to the nearest pixel outside it, within the mask's box. The
/// picture's border does not count as an edge, so a mask that touches it has no line there.
cv::Mat distance_to_edge(const cv::Mat& mask, const cv::Rect& box) {
  cv::Mat framed, distance;
  // Within a picture, OpenCV takes this border from the picture's own pixels.
  cv::copyMakeBorder(mask(box), framed, 1, 1, 1, 1, cv::BORDER_REPLICATE);
  const bool has_edge = cv::countNonZero(framed) < static_cast<int>(framed.total());
  if (!has_edge) return cv::Mat(box.size(), CV_32F, cv::Scalar(1e6));
  cv::distanceTransform(framed, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE, CV_32F);
  return distance(cv::Rect({1, 1}, box.size()));
}

std::uint8_t mixed(std::uint8_t from, std::uint8_t to, float share) {
  return static_cast<std::uint8_t>(std::lround(static_cast<float>(from) + share * static_cast<float>(to - from)));
}

void mix(std::uint8_t* pixel, const Color& color, float share) {
  pixel[0] = mixed(pixel[0], color.red, share);
  pixel[1] = mixed(pixel[1], color.green, share);
  pixel[2] = mixed(pixel[2], color.blue, share);
}

void draw_mask(const Mask& mask, const Color& color, Image& drawn) {
  constexpr Color kWhite{255, 255, 255};
  const auto width = static_cast<float>(std::max(1.0, std::min(mask.width, mask.height) / kLinesAcross));
  const cv::Mat pixels = view(mask);
  const cv::Rect box = cv::boundingRect(pixels);
  if (box.empty()) return;
  const cv::Mat distances = distance_to_edge(pixels, box);
  for (int y = 0; y < box.height; ++y) {
    const float* distance = distances.ptr<float>(y);
    for (int x = 0; x < box.width; ++x) {
      if (distance[x] == 0) continue;
      // How much of the pixel a line of this width covers.
      const auto coverage = [&](float wide) { return std::clamp(wide + 1.0F - distance[x], 0.0F, 1.0F); };
      std::uint8_t* pixel = &drawn.rgb[(static_cast<std::size_t>(box.y + y) * mask.width + box.x + x) * 3];
      mix(pixel, color, kTint);
      mix(pixel, kWhite, coverage(width * kHaloReach) * kHalo);
      mix(pixel, color, coverage(width));
    }
  }
}

}  // namespace

Image draw_overlay(const Image& image, std::span<const Mask> masks, std::span<const Color> colors) {
  Image drawn{image.width, image.height, image.rgb, {}};
  if (drawn.rgb.empty()) return drawn;
  for (std::size_t k = 0; k < masks.size(); ++k) draw_mask(masks[k], colors[k], drawn);
  return drawn;
}

Image draw_label_map(const LabelMap& map, std::span<const Color> colors) {
  Image drawn{map.width, map.height, std::vector<std::uint8_t>(map.labels.size() * 3), {}};
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    if (map.labels[i] == 0) continue;
    const Color& color = colors[map.labels[i] - 1];
    std::uint8_t* pixel = &drawn.rgb[i * 3];
    pixel[0] = color.red;
    pixel[1] = color.green;
    pixel[2] = color.blue;
  }
  return drawn;
}

Image side_by_side(const Image& left, const Image& right) {
  const int gap = std::max(1, left.width / 64);
  Image both{left.width + gap + right.width, left.height, {}, {}};
  both.rgb.assign(static_cast<std::size_t>(both.width) * both.height * 3, 255);
  for (int y = 0; y < both.height; ++y) {
    std::uint8_t* row = &both.rgb[static_cast<std::size_t>(y) * both.width * 3];
    std::copy_n(&left.rgb[static_cast<std::size_t>(y) * left.width * 3], left.width * 3, row);
    std::copy_n(&right.rgb[static_cast<std::size_t>(y) * right.width * 3], right.width * 3,
                row + static_cast<std::size_t>(left.width + gap) * 3);
  }
  return both;
}

RgbaImage cut_out(const Image& image, const Mask& mask) {
  RgbaImage cut{image.width, image.height, std::vector<std::uint8_t>(mask.pixels.size() * 4)};
  if (image.own) cut.profile = image.own->profile;
  const bool own_pixels = image.own && !image.own->rgba.empty();
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    if (mask.pixels[i] == 0) continue;
    std::uint8_t* out = &cut.rgba[i * 4];
    if (own_pixels) {
      std::copy_n(&image.own->rgba[i * 4], 4, out);
    } else {
      std::copy_n(&image.rgb[i * 3], 3, out);
      out[3] = 255;
    }
  }
  return cut;
}

RgbaImage crop(RgbaImage image, const Box& box) {
  if (box.width == 0) return image;
  const auto row = [&](int y, int width) { return (static_cast<std::size_t>(y) * width) * 4; };
  // In place: no row is copied to behind its source.
  for (int y = 0; y < box.height; ++y)
    std::copy_n(image.rgba.begin() + static_cast<std::ptrdiff_t>(row(box.y + y, image.width) + 4UL * box.x),
                4UL * box.width, image.rgba.begin() + static_cast<std::ptrdiff_t>(row(y, box.width)));
  image.width = box.width;
  image.height = box.height;
  image.rgba.resize(row(box.height, box.width));
  return image;
}

RgbaImage on_background(RgbaImage image, const Color& color) {
  for (std::size_t i = 0; i < image.rgba.size(); i += 4) {
    std::uint8_t* pixel = &image.rgba[i];
    mix(pixel, color, 1 - static_cast<float>(pixel[3]) / 255);
    pixel[3] = 255;
  }
  return image;
}

}  // namespace ldznet

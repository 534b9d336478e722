#include "ldznet/polygons.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "mask/cv_view.h"
#include "mask/extent.h"
#include "mask/trace_boundary.h"

namespace ldznet {

std::vector<Polygon> outlines(const Mask& mask) {
  std::vector<Polygon> polygons;
  if (mask.pixels.empty()) return polygons;
  cv::Mat labels;
  const int count = cv::connectedComponents(view(mask), labels, 8, CV_32S);
  std::vector<bool> traced(static_cast<std::size_t>(count));
  for (int y = 0; y < mask.height; ++y) {
    const int* row = labels.ptr<int>(y);
    for (int x = 0; x < mask.width; ++x) {
      if (row[x] == 0 || traced[row[x]]) continue;
      traced[row[x]] = true;
      polygons.push_back(trace_boundary(mask, {x, y, 1, 0}));
    }
  }
  return polygons;
}

Box bounding_box(const Polygon& outline) {
  Extent corners;
  for (std::size_t i = 0; i + 1 < outline.size(); i += 2)
    corners.add(static_cast<int>(outline[i]), static_cast<int>(outline[i + 1]));
  Box box = corners.box();  // corners are the pixels' edges, one more than pixels in each direction
  --box.width;
  --box.height;
  return box;
}

Mask fill_outlines(std::span<const std::vector<double>> outlines, int width, int height) {
  constexpr double kFar = 1 << 20;        // pixels; OpenCV's corners are integers
  const auto pixel = [=](double value) {  // NaN is no place: it becomes 0
    return std::isnan(value) ? 0 : static_cast<int>(std::clamp(value, -kFar, kFar));
  };
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  cv::Mat pixels(height, width, CV_8UC1, mask.pixels.data());
  for (const std::vector<double>& outline : outlines) {
    if (outline.size() < 4) continue;
    std::vector<cv::Point> corners;
    for (std::size_t i = 0; i + 1 < outline.size(); i += 2)
      corners.emplace_back(pixel(outline[i]), pixel(outline[i + 1]));
    cv::fillPoly(pixels, std::vector<std::vector<cv::Point>>{corners}, cv::Scalar(1));
  }
  return mask;
}

}  // namespace ldznet

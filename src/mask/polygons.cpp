#include "ldznet/polygons.h"

#include <algorithm>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "mask/cv_view.h"
#include "mask/extent.h"

namespace ldznet {

namespace {

/// Position of a walk along pixel edges: a corner between pixels and the direction of the next step.
struct Walker {
  int x, y, dx, dy;
  bool operator==(const Walker&) const = default;

  void turn_left() {
    const int old_dx = dx;
    dx = dy;
    dy = -old_dx;
  }
  void turn_right() {
    const int old_dx = dx;
    dx = -dy;
    dy = old_dx;
  }
};

bool is_inside(const Mask& mask, int x, int y) {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height &&
         mask.pixels[static_cast<std::size_t>(y) * mask.width + x] != 0;
}

/// The outline of the region whose first pixel in reading order is (x,y), walked with the region on the right.
Polygon trace(const Mask& mask, int x, int y) {
  const Walker start{x, y, 1, 0};
  Polygon polygon;
  Walker walker = start;
  do {
    polygon.insert(polygon.end(), {walker.x, walker.y});
    bool straight = true;
    while (straight) {
      walker.x += walker.dx;
      walker.y += walker.dy;
      // The pixels ahead on both sides of the corner; (0,0) + (dx-1)/2 is the pixel to the upper left of a corner.
      const auto ahead = [&](int side) {
        const int px = walker.x + (walker.dx - side * walker.dy - 1) / 2;
        const int py = walker.y + (walker.dy + side * walker.dx - 1) / 2;
        return is_inside(mask, px, py);
      };
      constexpr int kLeft = -1, kRight = 1;
      straight = false;
      if (ahead(kLeft))
        walker.turn_left();
      else if (ahead(kRight))
        straight = true;
      else
        walker.turn_right();
    }
  } while (walker != start);
  return polygon;
}

}  // namespace

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
      polygons.push_back(trace(mask, x, y));
    }
  }
  return polygons;
}

Box bounding_box(const Polygon& polygon) {
  Extent corners;
  for (std::size_t i = 0; i + 1 < polygon.size(); i += 2) corners.add(polygon[i], polygon[i + 1]);
  Box box = corners.box();  // corners are the pixels' edges, one more than pixels in each direction
  --box.width;
  --box.height;
  return box;
}

Mask fill_outlines(std::span<const std::vector<double>> outlines, int width, int height) {
  constexpr double kFar = 1 << 20;  // pixels; OpenCV's corners are integers
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  cv::Mat pixels(height, width, CV_8UC1, mask.pixels.data());
  for (const std::vector<double>& outline : outlines) {
    if (outline.size() < 4) continue;
    std::vector<cv::Point> corners;
    for (std::size_t i = 0; i + 1 < outline.size(); i += 2)
      corners.emplace_back(static_cast<int>(std::clamp(outline[i], -kFar, kFar)),
                           static_cast<int>(std::clamp(outline[i + 1], -kFar, kFar)));
    cv::fillPoly(pixels, std::vector<std::vector<cv::Point>>{corners}, cv::Scalar(1));
  }
  return mask;
}

}  // namespace ldznet

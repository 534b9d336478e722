#include <algorithm>
#include <cstddef>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <tuple>
#include <vector>

#include "ldznet/polygons.h"
#include "mask/cv_view.h"
#include "mask/simplify.h"
#include "mask/trace_boundary.h"

namespace ldznet {

namespace {

/// A closed line around a region or around one of its holes.
struct Boundary {
  std::vector<Vertex> vertices;    ///< simplified
  std::vector<std::size_t> holes;  ///< boundaries that are bridged to this one, in the order of its vertices
  Vertex bridge{};                 ///< of a hole: the other boundary's vertex at the bridge's end
};

/// An edge at the top of pixels inside: the pixels from x0 to x1 - 1 in row y.
struct TopEdge {
  int y, x0, x1;
  std::size_t boundary, corner;
  bool operator<(const TopEdge& other) const { return std::tie(y, x0) < std::tie(other.y, other.x0); }
};

/// The boundaries of all regions and holes, and which hole is bridged to which boundary.
class Boundaries {
 public:
  Boundaries(const Mask& mask, double tolerance) : mask_(mask), tolerance_(tolerance) {
    add_regions();
    add_holes();
    std::sort(edges_.begin(), edges_.end());
    for (std::size_t k = 0; k < first_pixels_.size(); ++k) attach(regions_ + k, first_pixels_[k]);
    const auto in_order = [&](std::size_t a, std::size_t b) {
      return boundaries_[a].bridge.position < boundaries_[b].bridge.position;
    };
    for (Boundary& boundary : boundaries_) std::sort(boundary.holes.begin(), boundary.holes.end(), in_order);
  }

  std::vector<Polygon> polygons() const {
    std::vector<Polygon> all(regions_);
    for (std::size_t k = 0; k < regions_; ++k) append(k, all[k]);
    return all;
  }

 private:
  /// Calls `take(x, y)` with the first pixel in reading order of every component but the background's.
  template <typename Take>
  static void for_each_first_pixel(const cv::Mat& pixels, int connectivity, Take&& take) {
    cv::Mat labels;
    std::vector<bool> seen(static_cast<std::size_t>(cv::connectedComponents(pixels, labels, connectivity, CV_32S)));
    seen[0] = true;
    for (int y = 0; y < labels.rows; ++y)
      for (int x = 0; x < labels.cols; ++x)
        if (const int label = labels.at<int>(y, x); !seen[label]) {
          seen[label] = true;
          take(x, y);
        }
  }

  void add_regions() {
    for_each_first_pixel(view(mask_), 8, [&](int x, int y) { add(trace_boundary(mask_, {x, y, 1, 0})); });
    regions_ = boundaries_.size();
  }

  /// A frame of pixels makes one component of everything outside that is not a hole; its first pixel is the frame's.
  /// All coordinates are by 1 larger with the frame.
  void add_holes() {
    cv::Mat outside;
    cv::copyMakeBorder(view(mask_) == 0, outside, 1, 1, 1, 1, cv::BORDER_CONSTANT, 255);
    for_each_first_pixel(outside, 4, [&](int x, int y) {
      if (y == 0) return;
      add(trace_boundary(mask_, {x - 1, y - 1, 0, 1}));
      first_pixels_.emplace_back(x - 1, y - 1);
    });
  }

  void add(const Polygon& outline) {
    const std::size_t count = outline.size() / 2;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t next = (k + 1) % count;
      const auto x0 = static_cast<int>(outline[2 * k]), x1 = static_cast<int>(outline[2 * next]);
      if (x0 < x1) edges_.push_back({static_cast<int>(outline[2 * k + 1]), x0, x1, boundaries_.size(), k});
    }
    boundaries_.push_back({simplified_vertices(outline, tolerance_), {}});
  }

  /// Bridges a hole to the boundary above its first pixel, which is its region's outer one or that of another hole with
  /// an earlier first pixel.
  void attach(std::size_t hole, const cv::Point& first) {
    int y = first.y;
    while (y > 0 && mask_.pixels[static_cast<std::size_t>(y - 1) * mask_.width + first.x] != 0) --y;
    const TopEdge& edge = *std::prev(std::upper_bound(edges_.begin(), edges_.end(), TopEdge{y, first.x, 0, 0, 0}));
    Boundary& owner = boundaries_[edge.boundary];
    const auto is_after = [](double position, const Vertex& vertex) { return position < vertex.position; };
    const auto after = std::upper_bound(owner.vertices.begin(), owner.vertices.end(),
                                        static_cast<double>(edge.corner) + 0.5, is_after);
    boundaries_[hole].bridge = after == owner.vertices.begin() ? owner.vertices.back() : *std::prev(after);
    owner.holes.push_back(hole);
  }

  /// The boundary with all holes behind their bridges, from its first vertex.
  void append(std::size_t index, Polygon& polygon) const {
    const Boundary& boundary = boundaries_[index];
    auto hole = boundary.holes.begin();
    for (const Vertex& vertex : boundary.vertices) {
      put(vertex, polygon);
      for (; hole != boundary.holes.end() && boundaries_[*hole].bridge.position <= vertex.position; ++hole) {
        append(*hole, polygon);
        put(boundaries_[*hole].vertices.front(), polygon);
        put(vertex, polygon);
      }
    }
  }

  static void put(const Vertex& vertex, Polygon& polygon) {
    polygon.push_back(vertex.x);
    polygon.push_back(vertex.y);
  }

  const Mask& mask_;
  double tolerance_;
  std::vector<Boundary> boundaries_;  ///< of the regions, then of the holes
  std::size_t regions_ = 0;
  std::vector<cv::Point> first_pixels_;  ///< of the holes
  std::vector<TopEdge> edges_;
};

}  // namespace

std::vector<Polygon> outlines_with_holes(const Mask& mask, double tolerance) {
  if (mask.pixels.empty()) return {};
  return Boundaries(mask, tolerance).polygons();
}

}  // namespace ldznet

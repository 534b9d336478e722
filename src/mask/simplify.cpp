#include "mask/simplify.h"

#include <algorithm>
#include <cmath>

namespace ldznet {

namespace {

constexpr double kRounding = 1e-9;     // pixels; distances of exactly the tolerance are allowed
constexpr std::size_t kLookAhead = 8;  // vertices; a line may be too far off at some and fit again at a later one

/// An outline's corners, with indices that go round.
class Corners {
 public:
  explicit Corners(const Polygon& outline) : outline_(outline), count_(outline.size() / 2) {}

  std::size_t count() const { return count_; }
  Vertex at(std::size_t index) const {
    const std::size_t k = index % count_;
    return {outline_[2 * k], outline_[2 * k + 1], static_cast<double>(index)};
  }
  /// Length of the edge behind a corner.
  double edge(std::size_t index) const {
    const Vertex a = at(index), b = at(index + 1);
    return std::abs(a.x - b.x) + std::abs(a.y - b.y);
  }
  /// Whether the edge behind a corner is a step of a staircase: its ends turn in opposite directions.
  bool is_step(std::size_t index) const { return turns_right(index) != turns_right(index + 1); }

 private:
  bool turns_right(std::size_t index) const {
    const Vertex a = at(index + count_ - 1), b = at(index), c = at(index + 1);
    return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0;
  }

  const Polygon& outline_;
  std::size_t count_;
};

double squared_distance(const Vertex& point, const Vertex& a, const Vertex& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const double along = square > 0 ? ((point.x - a.x) * dx + (point.y - a.y) * dy) / square : 0;
  const double t = std::clamp(along, 0.0, 1.0);
  const double off_x = a.x + t * dx - point.x, off_y = a.y + t * dy - point.y;
  return off_x * off_x + off_y * off_y;
}

/// The vertices that a simplified outline may have: the corners, but on staircases the middles of the steps. A
/// staircase's middles are on one line, its corners are not.
std::vector<Vertex> candidates(const Corners& corners, double tolerance) {
  const std::size_t n = corners.count();
  const auto is_cut = [&](std::size_t k) {
    const double before = corners.edge(k + n - 1), after = corners.edge(k);
    return corners.is_step(k + n - 1) && corners.is_step(k) &&
           before * after / 2 / std::hypot(before, after) <= tolerance;
  };
  std::vector<Vertex> vertices;
  for (std::size_t k = 0; k < n; ++k) {
    const Vertex a = corners.at(k), b = corners.at(k + 1);
    if (!is_cut(k)) vertices.push_back(a);
    if (corners.is_step(k) && (is_cut(k) || is_cut(k + 1)))
      vertices.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2, static_cast<double>(k) + 0.5});
  }
  return vertices;
}

/// Whether the line between two vertices is near enough to all corners between them.
bool fits(const Corners& corners, const Vertex& from, const Vertex& to, double tolerance) {
  const double limit = (tolerance + kRounding) * (tolerance + kRounding);
  for (auto k = static_cast<std::size_t>(from.position) + 1; static_cast<double>(k) < to.position; ++k)
    if (squared_distance(corners.at(k), from, to) > limit) return false;
  return true;
}

}  // namespace

std::vector<Vertex> simplified_vertices(const Polygon& outline, double tolerance) {
  const Corners corners(outline);
  const std::size_t n = corners.count();
  std::vector<Vertex> all;
  for (std::size_t k = 0; k < n; ++k) all.push_back(corners.at(k));
  if (tolerance <= 0) return all;
  std::vector<Vertex> vertices = candidates(corners, tolerance);
  const std::size_t count = vertices.size();
  if (count < 3) return all;
  Vertex end = vertices.front();  // the first vertex once more, after a whole turn
  end.position += static_cast<double>(n);
  vertices.push_back(end);
  // From each vertex the longest line that fits.
  std::vector<Vertex> kept;
  for (std::size_t from = 0; from < count;) {
    kept.push_back(vertices[from]);
    std::size_t to = from + 1;
    for (std::size_t next = to + 1; next <= count && next - to <= kLookAhead; ++next)
      if (fits(corners, vertices[from], vertices[next], tolerance)) to = next;
    from = to;
  }
  return kept.size() < 3 ? all : kept;
}

Polygon simplify(const Polygon& outline, double tolerance) {
  Polygon polygon;
  for (const Vertex& vertex : simplified_vertices(outline, tolerance)) {
    polygon.push_back(vertex.x);
    polygon.push_back(vertex.y);
  }
  return polygon;
}

std::vector<Polygon> simplified(std::vector<Polygon> outlines, double tolerance) {
  for (Polygon& outline : outlines) outline = simplify(outline, tolerance);
  return outlines;
}

}  // namespace ldznet

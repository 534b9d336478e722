#include "mask/simplify.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numbers>

namespace ldznet {

namespace {

constexpr double kRounding = 1e-9;  // pixels; distances of exactly the tolerance are allowed
constexpr double kGrid = 1000;      // candidates lie on multiples of 1 / kGrid pixels, so that they are short as text
constexpr double kLong = 3;         // pixels; edges as long have candidates near their ends, too
constexpr double kOffsets[] = {-1, -0.5, 0, 0.5, 1};  // of candidates from the outline, in tolerances
constexpr std::size_t kWindow = 32;                   // candidates: of the farthest ones, each may start a line

/// An outline's corners, with indices that go round.
class Corners {
 public:
  explicit Corners(const Polygon& outline) : outline_(outline), count_(outline.size() / 2) {}

  std::size_t count() const { return count_; }
  double x(std::size_t index) const { return outline_[2 * (index % count_)]; }
  double y(std::size_t index) const { return outline_[2 * (index % count_) + 1]; }

 private:
  const Polygon& outline_;
  std::size_t count_;
};

double squared_distance(double x, double y, const Vertex& a, const Vertex& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const double along = square > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / square : 0;
  const double t = std::clamp(along, 0.0, 1.0);
  const double off_x = a.x + t * dx - x, off_y = a.y + t * dy - y;
  return off_x * off_x + off_y * off_y;
}

/// A vertex that a simplified outline may have.
struct Candidate {
  Vertex vertex;
  double squared_offset;  ///< of its distance from the outline
};

/// The candidates around all corners and along all edges, by position: at each place one on the outline, and those
/// beside it that are in its box, and so in the picture.
std::vector<Candidate> candidates(const Polygon& outline, double tolerance) {
  std::vector<Candidate> all;
  const Corners corners(outline);
  const Box box = bounding_box(outline);
  const auto is_in_box = [&](double x, double y) {
    return box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height;
  };
  const auto add = [&](double x, double y, double position, double across_x, double across_y) {
    for (const double offset : kOffsets) {
      // Rounds towards the outline, so that rounding never exceeds the tolerance.
      const auto moved = [&](double across) { return std::trunc(across * offset * tolerance * kGrid) / kGrid; };
      const double dx = moved(across_x), dy = moved(across_y);
      if (offset == 0 || is_in_box(x + dx, y + dy)) all.push_back({{x + dx, y + dy, position}, dx * dx + dy * dy});
    }
  };
  const std::size_t n = corners.count();
  for (std::size_t k = 0; k < n; ++k) {
    const double x = corners.x(k), y = corners.y(k);
    const double dx = corners.x(k + 1) - x, dy = corners.y(k + 1) - y, length = std::hypot(dx, dy);
    const double before_x = x - corners.x(k + n - 1), before_y = y - corners.y(k + n - 1);
    const double before = std::hypot(before_x, before_y);
    // Outlines turn by 90 degrees: the sum of two unit vectors, divided by its length.
    add(x, y, static_cast<double>(k), (before_x / before - dx / length) / std::numbers::sqrt2,
        (before_y / before - dy / length) / std::numbers::sqrt2);
    const std::vector<double> places =
        length >= kLong ? std::vector{0.5 / length, 0.5, 1 - 0.5 / length} : std::vector{0.5};
    for (const double t : places) add(x + t * dx, y + t * dy, static_cast<double>(k) + t, -dy / length, dx / length);
  }
  return all;
}

/// The directions from a point in which a line passes all corners so far within the tolerance.
class Wedge {
 public:
  Wedge(const Vertex& apex, double tolerance) : apex_(apex), tolerance_(tolerance + kRounding) {}

  void narrow(double x, double y) {
    const double dx = x - apex_.x, dy = y - apex_.y, distance = std::hypot(dx, dy);
    if (distance <= tolerance_) return;
    const double s = tolerance_ / distance, c = std::sqrt(1 - s * s);
    const Direction right{dx * c + dy * s, dy * c - dx * s}, left{dx * c - dy * s, dy * c + dx * s};
    if (!narrowed_ || cross(right_, right) > 0) right_ = right;
    if (!narrowed_ || cross(left_, left) < 0) left_ = left;
    narrowed_ = true;
  }

  bool is_empty() const { return narrowed_ && cross(right_, left_) < 0; }

  bool has(const Vertex& to) const {
    const Direction direction{to.x - apex_.x, to.y - apex_.y};
    return !narrowed_ || (cross(right_, direction) >= 0 && cross(direction, left_) >= 0);
  }

 private:
  struct Direction {
    double x, y;
  };
  static double cross(const Direction& a, const Direction& b) { return a.x * b.y - a.y * b.x; }

  const Vertex& apex_;
  double tolerance_;
  bool narrowed_ = false;
  Direction right_{}, left_{};
};

/// Finds closed chains of few lines that pass all corners within the tolerance.
class Chains {
 public:
  Chains(const Polygon& outline, double tolerance)
      : corners_(outline), tolerance_(tolerance), candidates_(candidates(outline, tolerance)) {}

  /// The chain with the fewest lines, as far as the window shows, that has the candidate number `start`: numbers of
  /// candidates, in order. Lines are found a layer at a time: from all places that so many lines reach, as far as
  /// possible. Of the chains with the same number of lines the one that is nearest to the corners is taken.
  std::vector<std::size_t> from(std::size_t start) const {
    const std::size_t end = start + candidates_.size();
    std::vector<Step> steps{{start, 0, 0}};
    std::size_t first = 0;  // of the layer
    while (steps.back().candidate != end) {
      const std::size_t behind = steps.size();
      append_layer(first, end, steps);
      first = behind;
    }
    std::vector<std::size_t> chain;
    for (std::size_t k = steps.back().before; k != 0; k = steps[k].before) chain.push_back(steps[k].candidate);
    chain.push_back(start);
    std::reverse(chain.begin(), chain.end());
    return chain;
  }

  Vertex vertex(std::size_t number) const {
    const std::size_t turns = number / candidates_.size();
    Vertex vertex = candidates_[number % candidates_.size()].vertex;
    vertex.position += static_cast<double>(turns * corners_.count());
    return vertex;
  }

 private:
  /// A place that a chain reaches.
  struct Step {
    std::size_t candidate, before;  ///< `before`: number of the step that the last line starts at
    double error;                   ///< sum of squared distances
  };
  struct Line {
    std::size_t to, step;
  };

  /// Appends the farthest places that one more line reaches from the steps behind `first`, the farthest place last.
  void append_layer(std::size_t first, std::size_t end, std::vector<Step>& steps) const {
    std::vector<Line> lines;
    for (std::size_t step = first; step < steps.size(); ++step) add_lines(step, steps[step].candidate, end, lines);
    const auto is_farther = [](const Line& a, const Line& b) { return a.to > b.to; };
    std::stable_sort(lines.begin(), lines.end(), is_farther);
    std::vector<Step> layer;
    for (const Line& line : lines) {
      if (!layer.empty() && line.to + kWindow <= layer.front().candidate) break;
      if (!layer.empty() && layer.front().candidate == end && line.to != end) break;
      const bool known = !layer.empty() && layer.back().candidate == line.to;
      const double most = known ? layer.back().error : std::numeric_limits<double>::infinity();
      const double error = error_of(steps[line.step], line.to, most);
      if (error >= most) continue;
      if (!known) layer.emplace_back();
      layer.back() = {line.to, line.step, error};
    }
    steps.insert(steps.end(), layer.rbegin(), layer.rend());
  }

  /// The lines from a candidate that may fit, the farthest kWindow of them.
  void add_lines(std::size_t step, std::size_t from, std::size_t end, std::vector<Line>& lines) const {
    const Vertex apex = vertex(from);
    Wedge wedge(apex, tolerance_);
    auto corner = static_cast<std::size_t>(apex.position) + 1;
    std::vector<std::size_t> found;
    for (std::size_t to = from + 1; to <= end; ++to) {
      const Vertex target = vertex(to);
      for (; static_cast<double>(corner) < target.position; ++corner)
        wedge.narrow(corners_.x(corner), corners_.y(corner));
      if (wedge.is_empty()) break;
      if (target.position > apex.position && wedge.has(target)) found.push_back(to);
    }
    const std::size_t skipped = found.size() > kWindow ? found.size() - kWindow : 0;
    if (skipped > 0) lines.push_back({found.front(), step});  // always fits: no corner is between
    for (std::size_t k = skipped; k < found.size(); ++k) lines.push_back({found[k], step});
  }

  /// The error of a chain with one more line; at least `most` where the line is too far from a corner.
  double error_of(const Step& step, std::size_t to, double most) const {
    const Vertex a = vertex(step.candidate), b = vertex(to);
    const double limit = (tolerance_ + kRounding) * (tolerance_ + kRounding);
    double error = step.error + candidates_[to % candidates_.size()].squared_offset;
    for (auto k = static_cast<std::size_t>(a.position) + 1; static_cast<double>(k) < b.position && error < most; ++k) {
      const double square = squared_distance(corners_.x(k), corners_.y(k), a, b);
      if (square > limit) return most;
      error += square;
    }
    return error;
  }

  Corners corners_;
  double tolerance_;
  std::vector<Candidate> candidates_;
};

}  // namespace

std::vector<Vertex> simplified_vertices(const Polygon& outline, double tolerance) {
  const Corners corners(outline);
  const std::size_t n = corners.count();
  std::vector<Vertex> all;
  for (std::size_t k = 0; k < n; ++k) all.push_back({corners.x(k), corners.y(k), static_cast<double>(k)});
  if (tolerance <= 0 || n < 4) return all;
  const Chains chains(outline, tolerance);
  std::vector<std::size_t> chain = chains.from(0);
  chain = chains.from(chain[chain.size() / 2]);  // a vertex of a chain is a better start than any corner
  if (chain.size() < 3) return all;
  std::vector<Vertex> vertices;
  for (const std::size_t number : chain) {
    vertices.push_back(chains.vertex(number));
    if (vertices.back().position >= static_cast<double>(n)) vertices.back().position -= static_cast<double>(n);
  }
  const auto is_before = [](const Vertex& a, const Vertex& b) { return a.position < b.position; };
  std::rotate(vertices.begin(), std::min_element(vertices.begin(), vertices.end(), is_before), vertices.end());
  return vertices;
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

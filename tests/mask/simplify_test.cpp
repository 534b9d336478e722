#include "mask/simplify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/masks.h"

namespace ldznet {
namespace {

using test::drawn;

double distance_to_line(double x, double y, double ax, double ay, double bx, double by) {
  const double dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
  const double t = square > 0 ? std::clamp(((x - ax) * dx + (y - ay) * dy) / square, 0.0, 1.0) : 0;
  return std::hypot(ax + t * dx - x, ay + t * dy - y);
}

/// The largest distance of points on `from`, a tenth of a pixel apart, to `to`.
double stray(const Polygon& from, const Polygon& to) {
  double farthest = 0;
  const auto next = [](const Polygon& p, std::size_t i) { return (i + 2) % p.size(); };
  for (std::size_t i = 0; i < from.size(); i += 2) {
    const double ax = from[i], ay = from[i + 1], bx = from[next(from, i)], by = from[next(from, i) + 1];
    const int steps = static_cast<int>(std::hypot(bx - ax, by - ay) * 10) + 1;
    for (int s = 0; s < steps; ++s) {
      const double x = ax + (bx - ax) * s / steps, y = ay + (by - ay) * s / steps;
      double nearest = 1e9;
      for (std::size_t k = 0; k < to.size(); k += 2)
        nearest = std::min(nearest, distance_to_line(x, y, to[k], to[k + 1], to[next(to, k)], to[next(to, k) + 1]));
      farthest = std::max(farthest, nearest);
    }
  }
  return farthest;
}

Mask circle(int radius) {
  Mask mask{2 * radius + 3, 2 * radius + 3, {}};
  for (int y = -radius - 1; y <= radius + 1; ++y)
    for (int x = -radius - 1; x <= radius + 1; ++x) mask.pixels.push_back(x * x + y * y <= radius * radius ? 1 : 0);
  return mask;
}

TEST(Simplify, NeitherStraysFartherThanTheTolerance) {
  for (const Mask& mask : {circle(20), circle(7), test::noise_mask(20, 15, 3, 0.6), drawn({"#..", ".#.", "###"})})
    for (const Polygon& outline : outlines(mask))
      for (const double tolerance : {0.3, 0.5, 1.0, 2.5}) {
        const Polygon simple = simplify(outline, tolerance);
        EXPECT_LE(stray(outline, simple), tolerance + 1e-6);
        EXPECT_LE(stray(simple, outline), tolerance + 1e-6);
        EXPECT_GE(simple.size(), 6u);
      }
}

TEST(Simplify, KeepsRectanglesAndSmoothsStaircases) {
  const Polygon box = outlines(drawn({"......", ".####.", ".####.", "......"}))[0];
  EXPECT_EQ(simplify(box, 0.5), box);
  const Polygon round = outlines(circle(60))[0];
  EXPECT_LT(simplify(round, 0.5).size() * 3, round.size());
  EXPECT_EQ(simplify(round, 0), round);
  Mask triangle{30, 30, std::vector<std::uint8_t>(900)};
  for (int y = 0; y < 30; ++y) std::fill_n(triangle.pixels.begin() + 30 * y, y + 1, 1);
  EXPECT_LE(simplify(outlines(triangle)[0], 0.5).size(), 2u * 5u) << "a slope of 45 degrees is one line";
}

TEST(Simplify, NeedsFewVertices) {
  // A line may lie in a band of two pixels. The pixels' steps need one, so the arc may rise by one over the line, which
  // is 2 * sqrt(2 * radius * 1) long then.
  for (const int radius : {60, 150}) {
    const double line = 2 * std::sqrt(2.0 * radius), fewest = 2 * 3.1416 * radius / line;
    EXPECT_LE(simplify(outlines(circle(radius))[0], 1).size() / 2, 1.25 * fewest) << radius;
  }
  Mask slope{400, 60, std::vector<std::uint8_t>(24000)};
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 400; ++x) slope.pixels[400 * y + x] = 7 * y + x / 9 > 60 ? 1 : 0;
  EXPECT_LE(simplify(outlines(slope)[0], 0.5).size() / 2, 6u) << "a straight edge of any slope is one line";
}

TEST(Simplify, StaysInThePicture) {
  const Mask ball = circle(20);
  for (const auto& [left, top] : {std::pair{12, 3}, {3, 12}, {-9, 3}, {3, -9}}) {  // cut off by each border
    Mask mask{43, 43, std::vector<std::uint8_t>(43 * 43)};
    for (int y = 0; y < 43; ++y)
      for (int x = 0; x < 43; ++x) {
        const int from_x = x - left, from_y = y - top;
        if (from_x < 0 || from_x >= 43 || from_y < 0 || from_y >= 43) continue;
        mask.pixels[43 * y + x] = ball.pixels[43 * from_y + from_x];
      }
    for (const double tolerance : {0.5, 1.0, 3.0})
      for (const double value : simplify(outlines(mask)[0], tolerance)) {
        EXPECT_GE(value, 0) << left << ' ' << top << ' ' << tolerance;
        EXPECT_LE(value, 43) << left << ' ' << top << ' ' << tolerance;
      }
  }
}

TEST(Simplify, SpikesAndCombsEnd) {
  Mask comb{240, 80, std::vector<std::uint8_t>(240 * 80)};
  for (int y = 0; y < 80; ++y)
    for (int x = 0; x < 240; ++x) comb.pixels[240 * y + x] = y > 60 || x % (1 + y % 5) == 0 ? 1 : 0;
  for (const Polygon& outline : outlines(comb))
    for (const double tolerance : {0.5, 3.0, 40.0}) {
      const Polygon simple = simplify(outline, tolerance);
      EXPECT_LE(stray(outline, simple), tolerance + 1e-6);
      EXPECT_LE(stray(simple, outline), tolerance + 1e-6);
    }
}

TEST(Simplify, WhatWouldVanishStays) {
  const Polygon dot = outlines(drawn({"#"}))[0];
  EXPECT_EQ(simplify(dot, 10), dot);
}

/// The pixels whose centre is inside by the even-odd rule, the polygons one by one.
Mask by_even_odd(const std::vector<Polygon>& polygons, int width, int height) {
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (const Polygon& p : polygons)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        bool inside = false;
        for (std::size_t i = 0; i < p.size(); i += 2) {
          const std::size_t k = (i + 2) % p.size();
          // From top to bottom, so that the result does not depend on the direction of the edge.
          const bool down = p[i + 1] <= p[k + 1];
          const double x0 = down ? p[i] : p[k], y0 = down ? p[i + 1] : p[k + 1];
          const double x1 = down ? p[k] : p[i], y1 = down ? p[k + 1] : p[i + 1];
          if (y0 <= y + 0.5 && y + 0.5 < y1) inside ^= x + 0.5 < x0 + (y + 0.5 - y0) / (y1 - y0) * (x1 - x0);
        }
        mask.pixels[static_cast<std::size_t>(y) * width + x] |= inside ? 1 : 0;
      }
  return mask;
}

TEST(HoleBridges, PolygonsGiveTheMaskBack) {
  unsigned seed = 1;
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 9}, {5, 4}, {12, 9}, {31, 22}})
    for (const double share : {0.3, 0.6, 0.8, 0.95})
      for (int round = 0; round < 10; ++round) {
        const Mask mask = test::noise_mask(width, height, seed++, share);
        EXPECT_EQ(test::shown(by_even_odd(outlines_with_holes(mask), width, height)), test::shown(mask));
      }
}

TEST(HoleBridges, WithoutHolesTheyAreTheOutlines) {
  const Mask mask = drawn({"##..", "##..", "...#"});
  EXPECT_EQ(outlines_with_holes(mask), outlines(mask));
  const Mask ring = drawn({"###", "#.#", "###"});
  EXPECT_EQ(outlines_with_holes(ring),
            (std::vector<Polygon>{{0, 0, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 0, 0, 3, 0, 3, 3, 0, 3}}));
  EXPECT_TRUE(outlines_with_holes({}).empty());
}

TEST(HoleBridges, HolesAreSimplifiedToo) {
  Mask ring = circle(40);
  for (std::size_t i = 0; i < ring.pixels.size(); ++i) {
    const int x = static_cast<int>(i) % ring.width - 41, y = static_cast<int>(i) / ring.width - 41;
    if (x * x + y * y <= 400) ring.pixels[i] = 0;
  }
  const std::vector<Polygon> exact = outlines_with_holes(ring), simple = outlines_with_holes(ring, 0.5);
  ASSERT_EQ(simple.size(), 1u);
  EXPECT_LT(simple[0].size() * 3, exact[0].size());
  const Mask back = by_even_odd(simple, ring.width, ring.height);
  int both = 0, any = 0;
  for (std::size_t i = 0; i < ring.pixels.size(); ++i) {
    both += ring.pixels[i] & back.pixels[i];
    any += ring.pixels[i] | back.pixels[i];
  }
  EXPECT_GE(both, 0.98 * any);
}

}  // namespace
}  // namespace ldznet

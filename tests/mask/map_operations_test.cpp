#include "mask/map_operations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "support/masks.h"

namespace ldznet {
namespace {

Probability random_map(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> values(0, 1);
  Probability map{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
  for (float& value : map.values) value = values(random);
  return map;
}

Probability as_map(const Mask& mask) { return {mask.width, mask.height, {mask.pixels.begin(), mask.pixels.end()}}; }

/// The definition of grow() and shrink(), pixel by pixel.
Probability by_definition(const Probability& map, int radius, const std::function<float(float, float)>& best) {
  Probability result = map;
  for (int y = 0; y < map.height; ++y)
    for (int x = 0; x < map.width; ++x)
      for (int v = 0; v < map.height; ++v)
        for (int u = 0; u < map.width; ++u)
          if ((u - x) * (u - x) + (v - y) * (v - y) <= radius * radius)
            result.values[y * map.width + x] = best(result.values[y * map.width + x], map.values[v * map.width + u]);
  return result;
}

bool nowhere_below(const Probability& map, const Probability& other) {
  return std::equal(map.values.begin(), map.values.end(), other.values.begin(), std::greater_equal<>());
}

TEST(MapOperations, GrowAndShrinkAreTheExtremesInADisc) {
  const auto largest = [](float a, float b) { return std::max(a, b); };
  const auto smallest = [](float a, float b) { return std::min(a, b); };
  for (const auto& [width, height] : {std::pair{17, 12}, {1, 9}, {9, 1}, {1, 1}}) {
    const Probability map = random_map(width, height, 5);
    for (const int radius : {0, 1, 2, 3, 5, 8, 13, 40, 1000}) {
      EXPECT_EQ(grow(map, radius).values, by_definition(map, radius, largest).values) << radius;
      EXPECT_EQ(shrink(map, radius).values, by_definition(map, radius, smallest).values) << radius;
    }
  }
}

TEST(MapOperations, GrowingADotGivesADisc) {
  Mask dot = test::drawn({".......", ".......", ".......", "...#...", ".......", ".......", "......."});
  EXPECT_EQ(test::shown(apply_threshold(grow(as_map(dot), 2), 0.5)),
            test::shown(test::drawn({".......", "...#...", "..###..", ".#####.", "..###..", "...#...", "......."})));
}

TEST(MapOperations, GrowThenShrinkIsAClosing) {
  for (const int radius : {1, 3, 6}) {
    const Probability map = random_map(31, 23, 7);
    const auto closed = [&](const Probability& m) { return shrink(grow(m, radius), radius); };
    const Probability once = closed(map);
    EXPECT_TRUE(nowhere_below(once, map));
    EXPECT_NE(once.values, map.values);
    EXPECT_EQ(closed(once).values, once.values) << "idempotent";
    EXPECT_TRUE(nowhere_below(closed(maximum(map, random_map(31, 23, 8))), once)) << "increasing";
    EXPECT_TRUE(nowhere_below(map, grow(shrink(map, radius), radius))) << "the other way round is an opening";
  }
}

TEST(MapOperations, ClosingFillsAHoleThatTheDiscDoesNotFitInto) {
  const Mask ring =
      test::drawn({".........", ".........", "..#####..", "..#.###..", "..#####..", ".........", "........."});
  Mask filled = ring;
  filled.pixels[3 * 9 + 3] = 1;
  EXPECT_EQ(test::shown(apply_threshold(shrink(grow(as_map(ring), 1), 1), 0.5)), test::shown(filled));
}

TEST(MapOperations, FeatherKeepsTheMassAndTheRange) {
  const Probability map = as_map(test::noise_mask(40, 30, 3, 0.4));
  const auto sum = [](const Probability& m) {
    double total = 0;
    for (const float value : m.values) total += value;
    return total;
  };
  EXPECT_EQ(feather(map, 0).values, map.values);
  for (const double sigma : {0.7, 2.0, 9.0}) {
    const Probability soft = feather(map, sigma);
    EXPECT_NEAR(sum(soft), sum(map), 1e-3 * sum(map)) << "mirrored borders lose nothing";
    EXPECT_GE(*std::min_element(soft.values.begin(), soft.values.end()), 0);
    EXPECT_LE(*std::max_element(soft.values.begin(), soft.values.end()), 1);
  }
  const std::vector<float> ones(100, 1);
  for (const float value : feather({10, 10, ones}, 3).values) EXPECT_NEAR(value, 1, 1e-6);
  // One pixel apart, a Gaussian of sigma 2 falls by exp(-1/8).
  Probability dot{41, 41, std::vector<float>(41 * 41)};
  dot.values[20 * 41 + 20] = 1;
  const Probability bell = feather(dot, 2);
  EXPECT_NEAR(bell.values[20 * 41 + 21] / bell.values[20 * 41 + 20], std::exp(-1.0 / 8), 1e-4);
}

TEST(MapOperations, OddsAndDecisions) {
  const Probability map{5, 1, {0, 0.2F, 0.5F, 0.75F, 1}};
  const std::vector<float> doubled = multiply_odds(map, 2).values;
  EXPECT_EQ(doubled.front(), 0);
  EXPECT_FLOAT_EQ(doubled[1], 1.0F / 3);  // odds 1:4 become 1:2
  EXPECT_FLOAT_EQ(doubled[2], 2.0F / 3);
  EXPECT_EQ(doubled.back(), 1);
  EXPECT_EQ(decide(map, 0.5).values, (std::vector<float>{0, 0, 1, 1, 1}));
}

}  // namespace
}  // namespace ldznet

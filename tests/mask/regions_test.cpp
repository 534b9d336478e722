#include "ldznet/regions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "support/masks.h"

namespace ldznet {
namespace {

using test::drawn;
using test::shown;

/// Regions of the pixels of one value by flood fill, in reading order of their first pixels: each a list of pixels.
std::vector<std::vector<int>> regions_of(const Mask& mask, std::uint8_t value, bool by_corners) {
  std::vector<std::vector<int>> regions;
  std::vector<bool> seen(mask.pixels.size());
  for (int first = 0; first < static_cast<int>(mask.pixels.size()); ++first) {
    if (seen[first] || mask.pixels[first] != value) continue;
    std::vector<int> region = {first};
    seen[first] = true;
    for (std::size_t i = 0; i < region.size(); ++i)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          const int x = region[i] % mask.width + dx, y = region[i] / mask.width + dy;
          if ((dx != 0 && dy != 0 && !by_corners) || x < 0 || y < 0 || x >= mask.width || y >= mask.height) continue;
          const int next = y * mask.width + x;
          if (seen[next] || mask.pixels[next] != value) continue;
          seen[next] = true;
          region.push_back(next);
        }
    regions.push_back(region);
  }
  return regions;
}

Mask slow_drop(const Mask& mask, int min_area) {
  Mask kept = mask;
  for (const std::vector<int>& region : regions_of(mask, 1, true))
    if (static_cast<int>(region.size()) < min_area)
      for (const int pixel : region) kept.pixels[pixel] = 0;
  return kept;
}

Mask slow_fill(const Mask& mask) {
  Mask filled = mask;
  for (const std::vector<int>& region : regions_of(mask, 0, false)) {
    const bool at_border = std::any_of(region.begin(), region.end(), [&](int pixel) {
      const int x = pixel % mask.width, y = pixel / mask.width;
      return x == 0 || y == 0 || x == mask.width - 1 || y == mask.height - 1;
    });
    if (at_border) continue;
    for (const int pixel : region) filled.pixels[pixel] = 1;
  }
  return filled;
}

Mask slow_largest(const Mask& mask) {
  const auto regions = regions_of(mask, 1, true);
  Mask kept{mask.width, mask.height, std::vector<std::uint8_t>(mask.pixels.size())};
  const auto largest = std::max_element(regions.begin(), regions.end(),
                                        [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (largest != regions.end())
    for (const int pixel : *largest) kept.pixels[pixel] = 1;
  return kept;
}

TEST(Regions, EqualAFloodFillOnNoise) {
  unsigned seed = 0;
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 40}, {40, 1}, {2, 2}, {3, 3}, {9, 7}, {16, 16}, {33, 21}})
    for (const double share : {0.1, 0.3, 0.45, 0.6, 0.8, 0.95})
      for (int round = 0; round < 12; ++round) {
        const Mask mask = test::noise_mask(width, height, ++seed, share);
        for (const int min_area : {1, 2, 3, 5, 20})
          ASSERT_EQ(drop_small_regions(mask, min_area).pixels, slow_drop(mask, min_area).pixels)
              << min_area << shown(mask);
        ASSERT_EQ(fill_holes(mask).pixels, slow_fill(mask).pixels) << shown(mask);
        ASSERT_EQ(keep_largest_region(mask).pixels, slow_largest(mask).pixels) << shown(mask);
      }
}

TEST(Regions, OneByOneTheyAreThatOfAFloodFillBySize) {
  for (const double share : {0.0, 0.1, 0.3, 0.6}) {
    FoundMask found;
    found.mask = test::noise_mask(21, 17, 5, share);
    found.probability = {21, 17, {}};
    for (std::size_t i = 0; i < found.mask.pixels.size(); ++i)
      found.probability.values.push_back(0.001F * static_cast<float>(i));
    auto expected = regions_of(found.mask, 1, true);
    std::stable_sort(expected.begin(), expected.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
    std::size_t number = 0;
    for_each_region(found, [&](const FoundMask& region) {
      Mask mask{21, 17, std::vector<std::uint8_t>(21 * 17)};
      Probability probability{21, 17, std::vector<float>(21 * 17)};
      for (const int pixel : expected.at(number++)) {
        mask.pixels[pixel] = 1;
        probability.values[pixel] = found.probability.values[pixel];
      }
      EXPECT_EQ(region.mask.pixels, mask.pixels);
      EXPECT_EQ(region.probability.values, probability.values);
      const MaskMeasures measures = measure(found.probability, mask);
      EXPECT_EQ(region.measures.area, measures.area);
      EXPECT_EQ(region.measures.box, measures.box);
      EXPECT_EQ(region.measures.score, measures.score);
    });
    EXPECT_EQ(number, expected.size());
  }
  for_each_region({}, [](const FoundMask&) { ADD_FAILURE(); });
}

TEST(Regions, OfEqualsTheFirstInReadingOrderIsKept) {
  EXPECT_EQ(keep_largest_region(drawn({"#..#", "...."})).pixels, drawn({"#...", "...."}).pixels);
  EXPECT_EQ(keep_largest_region(drawn({"....#", "#...."})).pixels, drawn({"....#", "....."}).pixels);
  EXPECT_EQ(keep_largest_region(drawn({".......", "#....##", "#......"})).pixels,
            drawn({".......", "#......", "#......"}).pixels);
}

TEST(Regions, NothingIsDroppedBelowTwoPixels) {
  const Mask mask = drawn({"#.#", "...", "#.#"});
  for (const int min_area : {-5, 0, 1}) EXPECT_EQ(drop_small_regions(mask, min_area).pixels, mask.pixels);
  EXPECT_EQ(drop_small_regions(mask, 1'000'000).pixels, std::vector<std::uint8_t>(9));
}

TEST(Regions, AGapAtACornerClosesAHoleAndAnIslandStays) {
  EXPECT_EQ(fill_holes(drawn({".#.", "#.#", ".#."})).pixels, drawn({".#.", "###", ".#."}).pixels);
  EXPECT_EQ(fill_holes(drawn({"#####", "#...#", "#.#.#", "#...#", "#####"})).pixels, std::vector<std::uint8_t>(25, 1));
  EXPECT_EQ(fill_holes(drawn({"###", "#.#", "#.#"})).pixels, drawn({"###", "#.#", "#.#"}).pixels);
}

TEST(Regions, EmptyFullAndNoPixels) {
  for (const Mask& mask : {drawn({"...", "..."}), drawn({"###", "###"}), Mask{}, drawn({"#"}), drawn({"."})}) {
    EXPECT_EQ(drop_small_regions(mask, 1).pixels, mask.pixels);
    EXPECT_EQ(fill_holes(mask).pixels, mask.pixels);
    EXPECT_EQ(keep_largest_region(mask).pixels, mask.pixels);
  }
}

}  // namespace
}  // namespace ldznet

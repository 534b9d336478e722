#include <gtest/gtest.h>

#include "ldznet/mask.h"
#include "support/masks.h"

namespace ldznet {
namespace {

using test::drawn;
using test::shown;

/// A map that is 0.6 where the drawing has '#', else 0.1.
Probability map_of(const std::vector<std::string>& rows) {
  const Mask mask = drawn(rows);
  Probability map{mask.width, mask.height, {}};
  for (const std::uint8_t pixel : mask.pixels) map.values.push_back(pixel != 0 ? 0.6F : 0.1F);
  return map;
}

/// A ring of eight pixels, a block of nine and a single pixel.
const std::vector<std::string> kRows = {
    "###..###", "#.#..###", "###..###", "........", "#.......",
};

TEST(FindMask, WithoutOptionsItIsTheThresholdAlone) {
  const FoundMask found = find_mask(map_of(kRows));
  EXPECT_EQ(shown(found.mask), shown(drawn(kRows)));
  EXPECT_EQ(found.measures.area, 18);
  EXPECT_EQ(found.measures.box, (Box{0, 0, 8, 5}));
  EXPECT_EQ(found.probability.values, map_of(kRows).values);
  EXPECT_EQ(find_mask(map_of(kRows), {.threshold = 0.7}).measures.area, 0);
}

TEST(FindMask, SmallRegionsAreDropped) {
  EXPECT_EQ(shown(find_mask(map_of(kRows), {.min_area = 9}).mask),
            shown(drawn({".....###", ".....###", ".....###", "........", "........"})));
}

TEST(FindMask, HolesAreFilledLast) {
  // The ring counts with its eight pixels, not with the hole that is filled after the choice.
  EXPECT_EQ(shown(find_mask(map_of(kRows), {.min_area = 9, .fill_holes = true}).mask),
            shown(drawn({".....###", ".....###", ".....###", "........", "........"})));
  EXPECT_EQ(find_mask(map_of(kRows), {.min_area = 8, .fill_holes = true}).measures.area, 18);
}

TEST(FindMask, TheLargestRegionIsKeptAndMeasured) {
  const FoundMask found = find_mask(map_of(kRows), {.largest = true});
  EXPECT_EQ(found.measures.area, 9);
  EXPECT_EQ(found.measures.box, (Box{5, 0, 3, 3}));
  EXPECT_FLOAT_EQ(static_cast<float>(found.measures.score), 0.6F);
  EXPECT_EQ(find_mask(map_of(kRows), {.min_area = 10, .largest = true}).measures.area, 0);
}

}  // namespace
}  // namespace ldznet

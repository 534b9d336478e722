#include <gtest/gtest.h>

#include "ldznet/mask.h"
#include "support/masks.h"

namespace ldznet {
namespace {

using Pixels = std::vector<std::uint8_t>;

TEST(Measure, BoxIsLeftTopWidthHeight) {
  for (int x = 0; x < 5; ++x)
    for (int y = 0; y < 3; ++y) {
      Mask mask{5, 3, Pixels(15)};
      mask.pixels[y * 5 + x] = 1;
      const MaskMeasures found = measure({5, 3, std::vector<float>(15, 0.25F)}, mask);
      EXPECT_EQ(found.box, (Box{x, y, 1, 1}));
      EXPECT_EQ(found.area, 1);
    }
  const Mask two = test::drawn({".....", "...#.", "#...."});
  EXPECT_EQ(measure({5, 3, std::vector<float>(15, 0.25F)}, two).box, (Box{0, 1, 4, 2}));
}

TEST(Measure, ScoreIsTheMeanInsideTheMaskAlone) {
  const Mask mask = test::drawn({"#.#", ".#."});
  const Probability map{3, 2, {0.5F, 1.0F, 0.75F, 0.9F, 0.25F, 0.0F}};
  EXPECT_DOUBLE_EQ(measure(map, mask).score, 0.5);
  EXPECT_DOUBLE_EQ(measure(map, mask).max_probability, 1.0);  // of the whole picture
}

TEST(Measure, ScoreOfALargeMaskKeepsItsDigits) {
  constexpr int kSide = 3000;
  const std::size_t count = static_cast<std::size_t>(kSide) * kSide;
  const Probability map{kSide, kSide, std::vector<float>(count, 0.9F)};
  EXPECT_NEAR(measure(map, {kSide, kSide, Pixels(count, 1)}).score, 0.9F, 1e-9);
}

}  // namespace
}  // namespace ldznet

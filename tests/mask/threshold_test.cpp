#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ldznet/mask.h"
#include "support/masks.h"

namespace ldznet {
namespace {

using Pixels = std::vector<std::uint8_t>;

TEST(Threshold, ComparesInFloat32) {
  for (const double threshold : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    const auto exact = static_cast<float>(threshold);  // 0.3 and 0.7 round down, 0.1 and 0.9 round up or down
    const Probability map{3, 1, {std::nextafter(exact, 0.0F), exact, std::nextafter(exact, 1.0F)}};
    EXPECT_EQ(apply_threshold(map, threshold).pixels, (Pixels{0, 1, 1})) << threshold;
  }
}

TEST(Threshold, EndsOfTheRangeAndNoNumber) {
  const Probability map{4, 1, {0.0F, 1.0F, 0.5F, std::numeric_limits<float>::quiet_NaN()}};
  EXPECT_EQ(apply_threshold(map, 0).pixels, (Pixels{1, 1, 1, 0}));
  EXPECT_EQ(apply_threshold(map, 1).pixels, (Pixels{0, 1, 0, 0}));
  EXPECT_EQ(measure(map, apply_threshold(map, 0.5)).max_probability, 1);
}

TEST(Threshold, KeepsTheSize) {
  for (const auto& [width, height] : {std::pair{0, 0}, {1, 1}, {1, 5000}, {5000, 1}, {7, 3}}) {
    const Probability map{width, height, std::vector<float>(static_cast<std::size_t>(width) * height, 0.6F)};
    const Mask mask = apply_threshold(map, 0.5);
    EXPECT_EQ(mask.width, width);
    EXPECT_EQ(mask.height, height);
    EXPECT_EQ(mask.pixels.size(), map.values.size());
    const MaskMeasures found = measure(map, mask);
    EXPECT_EQ(found.area, static_cast<std::int64_t>(map.values.size()));
    EXPECT_EQ(found.box, (Box{0, 0, width, height}));
  }
}

}  // namespace
}  // namespace ldznet

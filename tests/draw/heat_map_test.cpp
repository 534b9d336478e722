#include "draw/heat_map.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace ldznet {
namespace {

std::set<std::array<int, 3>> colors_of(const Image& image) {
  std::set<std::array<int, 3>> colors;
  for (std::size_t i = 0; i < image.rgb.size(); i += 3)
    colors.insert({image.rgb[i], image.rgb[i + 1], image.rgb[i + 2]});
  return colors;
}

TEST(HeatMap, GrowsWithItsTable) {
  const Image small = draw_heat_map({"AP", "block", "t", {"a"}, {"1"}, {{5.0}}});
  const Image large = draw_heat_map({"AP", "block", "t", {"a", "b", "c"}, {"1", "2"}, {{1, 2}, {3, 4}, {5, 6}}});
  EXPECT_GT(small.width, 0);
  EXPECT_GT(large.width, small.width);
  EXPECT_GT(large.height, small.height);
  EXPECT_EQ(large.rgb.size(), static_cast<std::size_t>(large.width) * large.height * 3);
}

TEST(HeatMap, HasTheEndsOfItsScale) {
  const auto colors = colors_of(draw_heat_map({"AP", "block", "t", {"a"}, {"1", "2"}, {{10, 90}}}));
  EXPECT_TRUE(colors.contains({68, 1, 84}));     // viridis begins
  EXPECT_TRUE(colors.contains({253, 231, 37}));  // and ends
}

TEST(HeatMap, WithOneValueOnlyIsDrawn) {
  const Image image = draw_heat_map({"AP", "block", "t", {"a", "b"}, {"1"}, {{50}, {50}}});
  EXPECT_FALSE(image.rgb.empty());
}

}  // namespace
}  // namespace ldznet

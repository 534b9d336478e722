#include "draw/legend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/masks.h"

namespace ldznet {
namespace {

using Names = std::vector<std::string>;

Image labelled(int width, int height, std::uint16_t label, const Names& names) {
  const LabelMap map{width, height, std::vector<std::uint16_t>(static_cast<std::size_t>(width) * height, label)};
  return draw_labels(test::plain_picture(width, height, 100), map, names, palette(names));
}

/// How many pixels below row `top` have this colour.
int count_below(const Image& image, int top, const Color& color) {
  int count = 0;
  for (std::size_t i = static_cast<std::size_t>(top) * image.width * 3; i < image.rgb.size(); i += 3)
    count += image.rgb[i] == color.red && image.rgb[i + 1] == color.green && image.rgb[i + 2] == color.blue ? 1 : 0;
  return count;
}

TEST(Legend, LabelledPixelsHaveTheirColourAndOthersArePaleGray) {
  const Names names = {"panda", "sky"};
  const std::vector<Color> colors = palette(names);
  Image image{3, 1, {10, 200, 30, 255, 255, 255, 0, 0, 0}, {}};
  const Image drawn = draw_labels(image, {3, 1, {2, 0, 1}}, names, colors);
  EXPECT_EQ((Color{drawn.rgb[0], drawn.rgb[1], drawn.rgb[2]}), colors[1]);
  EXPECT_EQ((Color{drawn.rgb[3], drawn.rgb[4], drawn.rgb[5]}), (Color{255, 255, 255}));
  EXPECT_EQ((Color{drawn.rgb[6], drawn.rgb[7], drawn.rgb[8]}), colors[0]);
  const Image gray = draw_labels(image, {3, 1, {0, 0, 0}}, names, colors);
  for (int x = 0; x < 3; ++x) {
    EXPECT_EQ(gray.rgb[x * 3], gray.rgb[x * 3 + 1]);
    EXPECT_EQ(gray.rgb[x * 3], gray.rgb[x * 3 + 2]);
    EXPECT_GE(gray.rgb[x * 3], 130);
  }
}

TEST(Legend, HasASwatchForEveryName) {
  Names names;
  for (int k = 0; k < 20; ++k) names.push_back("thing " + std::to_string(k));
  const Image drawn = labelled(600, 100, 0, names);
  const std::vector<Color> colors = palette(names);
  const int first = count_below(drawn, 100, colors[0]);
  EXPECT_GE(first, 100);
  for (const Color& color : colors) EXPECT_EQ(count_below(drawn, 100, color), first);
}

TEST(Legend, GrowsWithItsNamesOnlyWhenARowIsFull) {
  const int one = labelled(600, 100, 0, {"panda"}).height;
  EXPECT_GT(one, 100);
  EXPECT_EQ(labelled(600, 100, 0, {"panda", "sky"}).height, one);
  EXPECT_GT(labelled(600, 100, 0, Names(40, "panda")).height, one);
  EXPECT_EQ(labelled(600, 100, 0, {}).height, 100);
}

TEST(Legend, ALongNameIsCutAndTakesNoLongTime) {
  const auto start = std::chrono::steady_clock::now();
  const Names names = {"panda", std::string(200000, 'w'), ""};
  const Image drawn = labelled(300, 50, 1, names);
  EXPECT_EQ(drawn.width, 300);
  EXPECT_LT(drawn.height, 200);
  for (const Color& color : palette(names)) EXPECT_GT(count_below(drawn, 50, color), 50);
  // Nothing is written over the right margin.
  for (int y = 50; y < drawn.height; ++y) {
    const std::uint8_t* last = &drawn.rgb[(static_cast<std::size_t>(y) * 300 + 299) * 3];
    EXPECT_EQ((Color{last[0], last[1], last[2]}), (Color{255, 255, 255})) << y;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));  // quadratic time takes minutes
}

TEST(Legend, ThePictureAboveIsLeftAlone) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5000}, {5000, 1}, {9, 9}, {33, 20}, {640, 480}}) {
    const Names names = {"panda", "a very long name for so small a picture", "sky"};
    const Image drawn = labelled(width, height, 2, names);
    const Color color = palette(names)[1];
    const std::size_t count = static_cast<std::size_t>(width) * height;
    ASSERT_GE(drawn.rgb.size(), count * 3);
    EXPECT_EQ(drawn.rgb.size(), static_cast<std::size_t>(drawn.width) * drawn.height * 3);
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ((Color{drawn.rgb[i * 3], drawn.rgb[i * 3 + 1], drawn.rgb[i * 3 + 2]}), color) << i;
  }
  EXPECT_TRUE(draw_labels({}, {}, {}, {}).rgb.empty());
}

}  // namespace
}  // namespace ldznet

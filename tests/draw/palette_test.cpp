#include "draw/palette.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace ldznet {
namespace {

std::vector<std::string> numbered(int count) {
  std::vector<std::string> prompts;
  for (int k = 0; k < count; ++k) prompts.push_back("thing " + std::to_string(k));
  return prompts;
}

std::vector<Color> colors_of(const std::vector<std::string>& prompts) { return palette(prompts); }

// The places in the list follow from FNV-1a's 64-bit hash of the text, modulo 20.
TEST(Palette, AColourFollowsFromTheTextAlone) {
  EXPECT_EQ(colors_of({"panda"})[0], (Color{30, 180, 195}));           // place 7
  EXPECT_EQ(colors_of({"sky"})[0], (Color{135, 180, 0}));              // place 10
  EXPECT_EQ(colors_of({"a red car"})[0], (Color{0, 120, 165}));        // place 13
  EXPECT_EQ(colors_of({"sky", "panda"})[1], colors_of({"panda"})[0]);  // whoever stands beside it
}

TEST(Palette, TheLaterOfTwoThatMeetMovesOn) {
  const std::vector<Color> colors = colors_of({"sky", "\u718a\u732b", "panda"});  // both place 10
  EXPECT_EQ(colors[0], colors_of({"sky"})[0]);
  EXPECT_EQ(colors[1], (Color{165, 105, 255}));  // place 11
  EXPECT_EQ(colors[2], colors_of({"panda"})[0]);
}

TEST(Palette, OnePromptTwiceHasOneColour) {
  const std::vector<Color> colors = colors_of({"sky", "panda", "sky", "panda"});
  EXPECT_EQ(colors[0], colors[2]);
  EXPECT_EQ(colors[1], colors[3]);
  EXPECT_FALSE(colors[0] == colors[1]);
}

TEST(Palette, TwentyPromptsHaveTwentyColoursThatDifferWell) {
  const std::vector<Color> colors = colors_of(numbered(20));
  for (std::size_t a = 0; a < colors.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const int apart = std::max({std::abs(colors[a].red - colors[b].red), std::abs(colors[a].green - colors[b].green),
                                  std::abs(colors[a].blue - colors[b].blue)});
      EXPECT_GE(apart, 30) << a << " and " << b;
    }
}

TEST(Palette, MoreThanTwentyRepeatButKeepTheFirstTwenty) {
  const std::vector<Color> twenty = colors_of(numbered(20)), many = colors_of(numbered(500));
  ASSERT_EQ(many.size(), 500u);
  EXPECT_TRUE(std::equal(twenty.begin(), twenty.end(), many.begin()));
  for (const Color& color : many) EXPECT_NE(std::find(twenty.begin(), twenty.end(), color), twenty.end());
  EXPECT_TRUE(colors_of({}).empty());
}

}  // namespace
}  // namespace ldznet

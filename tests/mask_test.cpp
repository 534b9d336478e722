// Threshold, regions, outlines, labels, colours and drawing.

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "ldznet/error.h"
#include "mask/draw.h"
#include "mask/label_map.h"
#include "mask/legend.h"
#include "mask/palette.h"
#include "mask/polygons.h"
#include "mask/regions.h"
#include "mask/threshold.h"

namespace ldznet {
namespace {

/// A mask from rows of '#' and '.'.
Mask drawn(const std::vector<std::string>& rows) {
  Mask mask{static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), {}};
  for (const std::string& row : rows)
    for (const char letter : row) mask.pixels.push_back(letter == '#' ? 1 : 0);
  return mask;
}

TEST(Threshold, AProbabilityEqualToItIsInside) {
  const Probability map{3, 1, {0.29999f, 0.3f, 0.31f}};
  EXPECT_EQ(apply_threshold(map, 0.3).pixels, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(apply_threshold(map, 0).pixels, (std::vector<std::uint8_t>{1, 1, 1}));
  EXPECT_EQ(apply_threshold(map, 1).pixels, (std::vector<std::uint8_t>{0, 0, 0}));
}

TEST(Threshold, MeasuresAMask) {
  const Probability map{3, 2, {0.1f, 0.9f, 0.2f, 0.1f, 0.5f, 0.7f}};
  const MaskMeasures found = measure(map, apply_threshold(map, 0.5));
  EXPECT_NEAR(found.score, 0.7, 1e-6);
  EXPECT_NEAR(found.max_probability, 0.9, 1e-6);
  EXPECT_EQ(found.area, 3);
  EXPECT_EQ(found.box, (Box{1, 0, 2, 2}));
  const MaskMeasures none = measure(map, apply_threshold(map, 0.95));
  EXPECT_EQ(none.score, 0);
  EXPECT_EQ(none.area, 0);
  EXPECT_EQ(none.box, Box{});
  EXPECT_NEAR(none.max_probability, 0.9, 1e-6);
}

TEST(Regions, SmallOnesAreDropped) {
  const Mask mask = drawn({"##..#", "....#", "#...."});
  EXPECT_EQ(drop_small_regions(mask, 2).pixels, drawn({"##..#", "....#", "....."}).pixels);
  EXPECT_EQ(drop_small_regions(mask, 3).pixels, drawn({".....", ".....", "....."}).pixels);
  EXPECT_EQ(drop_small_regions(drawn({"#..", ".#.", "..#"}), 3).pixels, drawn({"#..", ".#.", "..#"}).pixels);
}

TEST(Regions, HolesAreFilledAndTheLargestKept) {
  EXPECT_EQ(fill_holes(drawn({"###.", "#.#.", "###."})).pixels, drawn({"###.", "###.", "###."}).pixels);
  EXPECT_EQ(fill_holes(drawn({"##.", "#..", "###"})).pixels, drawn({"##.", "#..", "###"}).pixels);
  EXPECT_EQ(keep_largest_region(drawn({"##.#", "...#", "...#"})).pixels, drawn({"...#", "...#", "...#"}).pixels);
  EXPECT_EQ(keep_largest_region(drawn({"...", "..."})).pixels, drawn({"...", "..."}).pixels);
}

TEST(Polygons, OutlineOfEveryRegionAlongPixelEdges) {
  EXPECT_TRUE(outlines(drawn({"..", ".."})).empty());
  const std::vector<Polygon> found = outlines(drawn({"##...", "##..#"}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], (Polygon{0, 0, 2, 0, 2, 2, 0, 2}));
  EXPECT_EQ(found[1], (Polygon{4, 1, 5, 1, 5, 2, 4, 2}));
}

TEST(LabelMap, LargestProbabilityWinsAmongMasksThatHoldThePixel) {
  const std::vector<Probability> maps = {{4, 1, {0.9f, 0.6f, 0.2f, 0.6f}}, {4, 1, {0.8f, 0.7f, 0.3f, 0.6f}}};
  const std::vector<Mask> masks = {apply_threshold(maps[0], 0.5), apply_threshold(maps[1], 0.5)};
  EXPECT_EQ(label_map(maps, masks).labels, (std::vector<std::uint16_t>{1, 2, 0, 1}));
}

TEST(Palette, APromptKeepsItsColourAndNoTwoShareOne) {
  const std::vector<std::string> one = {"panda"};
  const std::vector<std::string> many = {"panda", "sky", "grass", "elephant", "sunflower", "banana", "road", "snow"};
  const std::vector<Color> colors = palette(many);
  EXPECT_EQ(palette(one)[0], colors[0]);
  std::set<int> distinct;
  for (const Color& color : colors) distinct.insert(color.red << 16 | color.green << 8 | color.blue);
  EXPECT_EQ(distinct.size(), many.size());
  EXPECT_EQ(palette(std::vector<std::string>(30, "x")).size(), 30u);
}

Image gray_picture(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 100), {}};
}

TEST(Draw, OverlayTintsTheMaskAlone) {
  const Image image = gray_picture(40, 30);
  Mask mask{40, 30, std::vector<std::uint8_t>(1200, 0)};
  for (int y = 10; y < 20; ++y) std::fill_n(mask.pixels.begin() + y * 40 + 10, 20, std::uint8_t{1});
  const Color color{255, 0, 0};
  const Image drawn_on = draw_overlay(image, std::span(&mask, 1), std::span(&color, 1));
  ASSERT_EQ(drawn_on.rgb.size(), image.rgb.size());
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    const bool changed = drawn_on.rgb[3 * i] != 100 || drawn_on.rgb[3 * i + 1] != 100;
    ASSERT_EQ(changed, mask.pixels[i] == 1) << i;
  }
  EXPECT_GT(drawn_on.rgb[3 * (15 * 40 + 20)], 100);
}

TEST(Draw, ACutoutIsTransparentOutside) {
  const Image image{2, 1, {1, 2, 3, 4, 5, 6}, {}};
  EXPECT_EQ(cut_out(image, {2, 1, {0, 1}}).rgba, (std::vector<std::uint8_t>{0, 0, 0, 0, 4, 5, 6, 255}));
}

TEST(Legend, StandsBelowThePicture) {
  const std::vector<std::string> names = {"panda", "caf\xC3\xA9", "\xF0\x9F\x90\xBC"};
  const LabelMap map{120, 80, std::vector<std::uint16_t>(9600, 1)};
  const Image legend = draw_labels(gray_picture(120, 80), map, names, palette(names));
  EXPECT_EQ(legend.width, 120);
  EXPECT_GT(legend.height, 80);
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5000}, {5000, 1}}) {
    const LabelMap odd{width, height, std::vector<std::uint16_t>(static_cast<std::size_t>(width) * height, 2)};
    EXPECT_EQ(draw_labels(gray_picture(width, height), odd, names, palette(names)).width, width);
  }
}

TEST(Legend, WritesWhatItsFontCan) {
  EXPECT_EQ(to_ascii("caf\xC3\xA9"), "cafe");
  EXPECT_EQ(to_ascii("\xF0\x9F\x90\xBC\xF0\x9F\x90\xBC bear"), "? bear");
}

}  // namespace
}  // namespace ldznet

#include "draw/draw.h"

#include <gtest/gtest.h>

#include <array>

#include "support/masks.h"

namespace ldznet {
namespace {

constexpr Color kRed{255, 0, 0}, kBlue{0, 0, 255};

Color at(const Image& image, int x, int y) {
  const std::uint8_t* pixel = &image.rgb[(static_cast<std::size_t>(y) * image.width + x) * 3];
  return {pixel[0], pixel[1], pixel[2]};
}

Image overlay(const Image& image, const std::vector<Mask>& masks, const std::vector<Color>& colors) {
  return draw_overlay(image, masks, colors);
}

/// A mask whose rectangle of columns [left, right) and rows [top, bottom) is inside.
Mask rectangle(int width, int height, int left, int top, int right, int bottom) {
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) mask.pixels[static_cast<std::size_t>(y) * width + x] = 1;
  return mask;
}

TEST(Overlay, NoMaskChangesNothing) {
  const Image image = test::plain_picture(20, 10, 90);
  EXPECT_EQ(overlay(image, {}, {}).rgb, image.rgb);
  EXPECT_EQ(overlay(image, {rectangle(20, 10, 0, 0, 0, 0)}, {kRed}).rgb, image.rgb);
  EXPECT_TRUE(overlay({}, {{}}, {kRed}).rgb.empty());
}

TEST(Overlay, TheLineIsTheColourItselfAndTheInsideATint) {
  const Image drawn = overlay(test::plain_picture(100, 100, 100), {rectangle(100, 100, 20, 20, 80, 80)}, {kRed});
  for (int k = 20; k < 80; ++k)
    for (const auto& [x, y] : {std::pair{20, k}, {79, k}, {k, 20}, {k, 79}}) EXPECT_EQ(at(drawn, x, y), kRed);
  EXPECT_EQ(at(drawn, 50, 50), (Color{165, 58, 58}));  // 42 % of red over 100
  EXPECT_EQ(at(drawn, 19, 50), (Color{100, 100, 100}));
}

TEST(Overlay, ThePicturesBorderIsNoEdge) {
  const Image image = test::plain_picture(60, 40, 100);
  const Image full = overlay(image, {rectangle(60, 40, 0, 0, 60, 40)}, {kRed});
  EXPECT_EQ(at(full, 0, 0), (Color{165, 58, 58}));
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 60; ++x) ASSERT_EQ(at(full, x, y), at(full, 0, 0));
  const Image half = overlay(image, {rectangle(60, 40, 0, 0, 30, 40)}, {kRed});
  EXPECT_EQ(at(half, 0, 0), (Color{165, 58, 58}));
  EXPECT_EQ(at(half, 29, 20), kRed);
}

TEST(Overlay, LaterMasksLieOnTop) {
  const std::vector<Mask> masks = {rectangle(50, 50, 5, 5, 45, 45), rectangle(50, 50, 15, 15, 35, 35)};
  const Image drawn = overlay(test::plain_picture(50, 50, 100), masks, {kRed, kBlue});
  EXPECT_EQ(at(drawn, 15, 25), kBlue);
  EXPECT_EQ(at(drawn, 5, 25), kRed);
  EXPECT_GT(at(drawn, 25, 25).blue, at(drawn, 25, 25).red);
  EXPECT_EQ(at(drawn, 10, 25), (Color{165, 58, 58}));
}

TEST(Overlay, TheLineGrowsWithThePicture) {
  const auto line_width = [](int side) {
    const Mask mask = rectangle(side, side, side / 4, side / 4, side * 3 / 4, side * 3 / 4);
    const Image drawn = overlay(test::plain_picture(side, side, 100), {mask}, {kRed});
    int width = 0;
    while (at(drawn, side / 4 + width, side / 2) == kRed) ++width;
    return width;
  };
  EXPECT_EQ(line_width(100), 1);
  EXPECT_EQ(line_width(220 * 4), 4);
}

TEST(Overlay, ThinPictures) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5000}, {5000, 1}}) {
    const Image image = test::plain_picture(width, height, 100);
    const Image full = overlay(image, {rectangle(width, height, 0, 0, width, height)}, {kRed});
    EXPECT_EQ(at(full, 0, 0), (Color{165, 58, 58}));
    EXPECT_EQ(full.rgb.size(), image.rgb.size());
    const Image corner = overlay(image, {rectangle(width, height, 0, 0, 1, 1)}, {kRed});
    EXPECT_GT(at(corner, 0, 0).red, 150);
    if (image.rgb.size() > 3) {
      EXPECT_EQ(at(corner, width - 1, height - 1), (Color{100, 100, 100}));
    }
  }
}

TEST(CutOut, IsOpaqueInsideAndTransparentBlackOutside) {
  Image image{3, 2, std::vector<std::uint8_t>(18), {}};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i + 1);
  const RgbaImage cut = cut_out(image, test::drawn({"#..", ".#."}));
  EXPECT_EQ(cut.width, 3);
  EXPECT_EQ(cut.height, 2);
  EXPECT_EQ(cut.rgba, (std::vector<std::uint8_t>{1, 2, 3, 255, 0,  0,  0,  0,   0, 0, 0, 0,  //
                                                 0, 0, 0, 0,   13, 14, 15, 255, 0, 0, 0, 0}));
}

TEST(CutOut, SizesAndNothing) {
  EXPECT_TRUE(cut_out({}, {}).rgba.empty());
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5000}, {5000, 1}}) {
    const Image image = test::plain_picture(width, height, 7);
    const std::size_t count = static_cast<std::size_t>(width) * height;
    EXPECT_EQ(cut_out(image, rectangle(width, height, 0, 0, 0, 0)).rgba, std::vector<std::uint8_t>(count * 4));
    const RgbaImage all = cut_out(image, rectangle(width, height, 0, 0, width, height));
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(all.rgba[i * 4 + 3], 255);
    EXPECT_EQ(all.rgba[count * 4 - 2], 7);
  }
}

TEST(Draw, CropsToTheBox) {
  RgbaImage image{3, 2, {}};
  for (std::uint8_t k = 0; k < 24; ++k) image.rgba.push_back(k);
  const RgbaImage part = crop(image, {1, 0, 2, 2});
  EXPECT_EQ(part.width * 10 + part.height, 22);
  EXPECT_EQ(part.rgba, (std::vector<std::uint8_t>{4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}));
  EXPECT_EQ(crop(image, {0, 1, 1, 1}).rgba, (std::vector<std::uint8_t>{12, 13, 14, 15}));
  EXPECT_EQ(crop(image, {}).rgba, image.rgba) << "an empty mask";
}

TEST(Draw, FillsWhatIsTransparent) {
  const RgbaImage image{3, 1, {1, 2, 3, 255, 9, 9, 9, 0, 0, 0, 0, 51}};
  EXPECT_EQ(on_background(image, {100, 200, 50}).rgba,
            (std::vector<std::uint8_t>{1, 2, 3, 255, 100, 200, 50, 255, 80, 160, 40, 255}));
}

}  // namespace
}  // namespace ldznet

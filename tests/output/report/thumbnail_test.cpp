#include "output/report/thumbnail.h"

#include <gtest/gtest.h>

#include <span>

#include "support/masks.h"
#include "support/pictures.h"

namespace ldznet {
namespace {

Image decoded(const std::string& bytes) { return decode_image(test::bytes(bytes), "thumbnail"); }

TEST(Thumbnail, KeepsTheShapeOfLargePicturesAndTheSizeOfSmallOnes) {
  const auto size = [](int width, int height) {
    const ThumbnailSize found = thumbnail_size(width, height, 320);
    return std::pair{found.width, found.height};
  };
  EXPECT_EQ(size(640, 480), (std::pair{320, 240}));
  EXPECT_EQ(size(480, 640), (std::pair{240, 320}));
  EXPECT_EQ(size(320, 10), (std::pair{320, 10}));
  EXPECT_EQ(size(100, 90), (std::pair{100, 90}));
  EXPECT_EQ(size(100000, 1), (std::pair{320, 1}));
}

TEST(Thumbnail, JpegKeepsTheOrderOfColours) {
  Image image = test::plain_picture(40, 20, 0);
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) image.rgb[i] = 200;
  const Image small = decoded(thumbnail_jpeg(image, {20, 10}));
  ASSERT_EQ(std::pair(small.width, small.height), std::pair(20, 10));
  EXPECT_NEAR(small.rgb[0], 200, 6);
  EXPECT_NEAR(small.rgb[2], 0, 6);
}

TEST(Thumbnail, MaskIsHalfTransparentInsideAndTransparentOutside) {
  const Mask mask = test::drawn({"##..", "##.."});
  // Decoding puts transparent pixels on white.
  const Image small = decoded(thumbnail_png(mask, {255, 0, 0}, {2, 1}));
  ASSERT_EQ(std::pair(small.width, small.height), std::pair(2, 1));
  EXPECT_EQ(small.rgb[0], 255);
  EXPECT_NEAR(small.rgb[1], 255 * (1 - 0.62), 1);
  EXPECT_EQ(small.rgb[4], 255);
}

TEST(Thumbnail, MasksHaveALightAndADarkLineAround) {
  const Mask mask = test::drawn({".......", ".......", ".......", "...#...", ".......", ".......", "......."});
  const Image shown = decoded(thumbnail_png(mask, {0, 0, 255}, {7, 7}));  // on white
  std::string middle;
  for (int x = 0; x < 7; ++x) {
    const std::uint8_t* pixel = &shown.rgb[(3 * 7 + x) * 3];
    middle += pixel[0] != pixel[2] ? 'c' : pixel[0] == 255 ? 'l' : 'd';
  }
  EXPECT_EQ(middle, "ldlcldl") << "colour, light line, dark line; nothing is light, too";
  EXPECT_EQ(shown.rgb[0], 255);
}

TEST(Thumbnail, DifferencesHaveTheirColours) {
  const Mask ours = test::drawn({"##..", "##.."}), theirs = test::drawn({"#.#.", "#.#."});
  const Image shown = decoded(difference_thumbnail(ours, theirs, {4, 2}));  // on white
  const auto expect_color = [&](int x, const Color& color) {
    const int parts[] = {color.red, color.green, color.blue};
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(shown.rgb[x * 3 + k], 255 - (255 - parts[k]) * kMaskStrength, 2) << x;
  };
  expect_color(0, kInBoth);
  expect_color(1, kOnlyOurs);
  expect_color(2, kOnlyTheirs);
  expect_color(3, {255, 255, 255});
  const Image small = decoded(difference_thumbnail(ours, theirs, {1, 1}));  // a quarter is in neither
  EXPECT_NEAR(small.rgb[0], 255 - (255 - (200 + 0 + 240) / 3) * 0.75 * kMaskStrength, 3);
}

TEST(Thumbnail, ProbabilitiesAreGray) {
  const Image gray = decoded(probability_thumbnail({2, 1, {0.25F, 1.0F}}));
  EXPECT_EQ(gray.rgb, (std::vector<std::uint8_t>{64, 64, 64, 255, 255, 255}));
  const Image large = decoded(probability_thumbnail({640, 320, std::vector<float>(std::size_t{640} * 320, 0.5F)}));
  EXPECT_EQ(std::pair(large.width, large.height), std::pair(160, 80));
}

}  // namespace
}  // namespace ldznet

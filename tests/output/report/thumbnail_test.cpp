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

}  // namespace
}  // namespace ldznet

#include "image/preprocess.h"

#include <gtest/gtest.h>

#include "support/ppm.h"

namespace ldznet {
namespace {

constexpr int kArea = 384 * 384, kMultiple = 64;

TEST(WorkingSize, KeepsTheAspectRatioAndFloorsToTheMultiple) {
  EXPECT_EQ(working_size({512, 512}, kArea, kMultiple), (Size{384, 384}));
  EXPECT_EQ(working_size({640, 480}, kArea, kMultiple), (Size{384, 320}));  // 443 x 332
  EXPECT_EQ(working_size({480, 640}, kArea, kMultiple), (Size{320, 384}));
  EXPECT_EQ(working_size({1920, 1080}, kArea, kMultiple), (Size{512, 256}));  // 512 x 288
}

TEST(WorkingSize, SidesAreAtLeastOneMultiple) {
  EXPECT_EQ(working_size({60, 3000}, kArea, kMultiple).width, 64);  // 54 x 2700
  EXPECT_EQ(working_size({1, 1}, kArea, kMultiple), (Size{384, 384}));
}

TEST(WorkingSize, SmallAreasGiveOneMultiple) {
  for (const int side : {1, 31, 32, 63, 64})
    for (const Size image :
         {Size{100, 100}, Size{100, 101}, Size{101, 100}, Size{200, 100}, Size{1, 900}, Size{900, 1}}) {
      const Size size = working_size(image, side * side, kMultiple);
      EXPECT_GE(size.width, kMultiple) << side << ": " << image.width << " x " << image.height;
      EXPECT_GE(size.height, kMultiple) << side << ": " << image.width << " x " << image.height;
    }
}

TEST(WorkingSize, NarrowPicturesStayNearTheArea) {
  EXPECT_EQ(working_size({1, 5000}, kArea, kMultiple), (Size{64, 2304}));
  EXPECT_EQ(working_size({5000, 1}, kArea, kMultiple), (Size{2304, 64}));
  EXPECT_EQ(working_size({1, 1'000'000}, kArea, kMultiple), (Size{64, 2304}));
}

TEST(Preprocess, ScalesToChannelPlanes) {
  Image image{64, 64, std::vector<std::uint8_t>(64 * 64 * 3), {}};
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) image.rgb[i + 1] = 255;
  const WorkingImage out = preprocess(image, 64 * 64, 64);
  ASSERT_EQ(out.values.size(), 3U * 64 * 64);
  EXPECT_EQ(out.values[0], -1.0F);
  EXPECT_EQ(out.values[64 * 64], 1.0F);
  EXPECT_EQ(out.values[2 * 64 * 64], -1.0F);
}

TEST(Preprocess, EnlargesOnePixel) {
  const WorkingImage out = preprocess(Image{1, 1, {10, 20, 30}, {}}, 192 * 192, 32);
  EXPECT_EQ(out.width, 192);
  EXPECT_EQ(out.height, 192);
}

}  // namespace
}  // namespace ldznet

#include "output/png.h"

#include <gtest/gtest.h>

#include <span>

#include "ldznet/image.h"
#include "support/masks.h"
#include "support/pictures.h"

namespace ldznet {
namespace {

TEST(Png, OurFilesHaveAMarkThatDecodersAccept) {
  const Image image = test::plain_picture(3, 2, 77);
  const std::string png = encode_png(image);
  EXPECT_TRUE(has_own_mark(std::string_view(png).substr(0, 512)));
  EXPECT_EQ(decode_image(test::bytes(png), "a.png").rgb, image.rgb) << "checksums are checked";
  EXPECT_TRUE(has_own_mark(encode_png(test::drawn({"#."}))));
  EXPECT_FALSE(has_own_mark(png.substr(0, 33)));
  EXPECT_FALSE(has_own_mark("notes on tEXtSoftware"));
}

}  // namespace
}  // namespace ldznet

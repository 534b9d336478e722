#include "image/format/jpeg2000.h"

#include <gtest/gtest.h>

#include <string>

#include "ldznet/image.h"
#include "support/errors.h"
#include "support/pictures.h"

namespace ldznet {
namespace {

TEST(Jpeg2000, SizeOfTheCodeStream) {
  const std::string picture = test::picture("rgb.jp2");
  const auto size = read_jpeg2000_size(test::bytes(picture));
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 13U);
  EXPECT_EQ(size->height, 9U);
  EXPECT_FALSE(read_jpeg2000_size(test::bytes(picture.substr(0, 60))));
}

TEST(Jpeg2000, AllChannelsWithFewerPixelsAreDamage) {
  std::string picture = test::picture("rgb.jp2");
  const std::size_t start = picture.find("\xFF\x4F\xFF\x51");
  constexpr std::size_t kFirstChannel = 42, kChannelSize = 3;  // behind the sizes: depth, horizontal and vertical step
  for (std::size_t c = 0; c < 3; ++c) picture.at(start + kFirstChannel + c * kChannelSize + 1) = 2;
  EXPECT_EQ(test::error_of([&] { decode_image(test::bytes(picture), "a"); }).code(), ErrorCode::bad_image);
}

}  // namespace
}  // namespace ldznet

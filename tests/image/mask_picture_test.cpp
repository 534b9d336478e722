#include "image/mask_picture.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "output/png.h"
#include "support/errors.h"
#include "support/temporary_folder.h"
#include "support/tiff_bytes.h"

namespace ldznet {
namespace {

using Values = std::vector<float>;

MaskPicture read(const std::string& encoded) {
  const test::TemporaryFolder folder;
  return MaskReader().read(folder.write("a", encoded));
}

std::string netpbm(const std::string& header, const std::string& values) { return header + "\n" + values; }

TEST(MaskPicture, GrayIsAProbability) {
  const MaskPicture eight = read(netpbm("P5 3 1 255", std::string("\x00\x33\xff", 3)));
  EXPECT_EQ(eight.map.width, 3);
  EXPECT_EQ(eight.map.height, 1);
  EXPECT_EQ(eight.map.values, (Values{0, 0.2F, 1}));
  EXPECT_TRUE(eight.is_exact);
  EXPECT_FALSE(eight.least);
  const MaskPicture sixteen = read(netpbm("P5 1 3 65535", std::string("\x00\x00\x33\x33\xff\xff", 6)));
  EXPECT_EQ(sixteen.map.height, 3);
  EXPECT_EQ(sixteen.map.values, (Values{0, 0.2F, 1}));
  EXPECT_EQ(read(netpbm("P6 2 1 255", std::string("\x00\x00\x00\x33\x33\x33", 6))).map.values, (Values{0, 0.2F}));
}

TEST(MaskPicture, MasksOfEveryDepth) {
  const Values mask{0, 1};
  EXPECT_EQ(read(netpbm("P4 2 1", "\x80")).map.values, (Values{0, 1})) << "one bit, 1 is black";
  EXPECT_EQ(read(netpbm("P5 2 1 255", std::string("\x00\xff", 2))).map.values, mask);
  EXPECT_EQ(read(netpbm("P5 2 1 65535", std::string("\x00\x00\xff\xff", 4))).map.values, mask);
  EXPECT_EQ(read(netpbm("P5 2 1 65535", std::string("\x00\x00\x00\xff", 4))).map.values, mask) << "8 bits in 16";
  const MaskPicture small = read(netpbm("P5 2 1 255", std::string("\x00\x01", 2)));
  EXPECT_EQ(small.map.values, mask);
  EXPECT_FLOAT_EQ(small.least.value(), 1 / 255.0F);
  EXPECT_FLOAT_EQ(read(netpbm("P5 2 1 65535", std::string("\0\0\0\1", 4))).least.value(), 1 / 65535.0F);
  const MaskPicture black = read(netpbm("P5 2 1 255", std::string(2, '\0')));
  EXPECT_EQ(black.map.values, (Values{0, 0}));
  EXPECT_FALSE(black.least);
}

TEST(MaskPicture, SignedSamplesAsTheyAre) {
  const auto values = [](int second) {
    const std::vector<test::TiffField> fields = {{256, 4, 2}, {257, 4, 1}, {258, 3, 16}, {259, 3, 1}, {262, 3, 1},
                                                 {273, 4, 8}, {277, 3, 1}, {278, 4, 1},  {279, 4, 4}, {339, 3, 2}};
    const std::size_t header = test::TiffBytes().header_size();
    std::vector<test::TiffField> placed = fields;
    placed[5].value = header + test::TiffBytes().directory_size(fields.size());
    return read(test::TiffBytes().file({placed}) + test::TiffBytes().number(0, 2) +
                test::TiffBytes().number(static_cast<std::uint64_t>(second), 2))
        .map.values;
  };
  for (const int mask : {1, 255, 32767}) EXPECT_EQ(values(mask), (Values{0, 1})) << mask;
  EXPECT_EQ(test::error_of([&] { values(-1); }).code(), ErrorCode::bad_image);
}

TEST(MaskPicture, ColoursAreLabels) {
  EXPECT_EQ(read(netpbm("P6 3 1 255", std::string("\0\0\0\x80\0\0\0\0\1", 9))).map.values, (Values{0, 1, 1}));
}

TEST(MaskPicture, TransparencyCountsBeforeColours) {
  const auto png = [](std::vector<std::uint8_t> rgba) {
    const int width = static_cast<int>(rgba.size() / 4);
    return encode_png(RgbaImage{width, 1, std::move(rgba)});
  };
  EXPECT_EQ(read(png({9, 8, 7, 0, 9, 8, 7, 255, 0, 0, 0, 255})).map.values, (Values{0, 1, 1}));
  EXPECT_EQ(read(png({0, 0, 0, 255, 255, 255, 255, 255})).map.values, (Values{0, 1}));
  EXPECT_EQ(read(png({0, 0, 0, 255, 128, 0, 0, 255})).map.values, (Values{0, 1}));
}

TEST(MaskPicture, RefusesOtherFiles) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::error_of([&] { MaskReader().read(folder.path() / "none.png"); }).code(), ErrorCode::missing_input);
  EXPECT_EQ(test::error_of([&] { read("text"); }).code(), ErrorCode::bad_image);
}

}  // namespace
}  // namespace ldznet

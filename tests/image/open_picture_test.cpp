#include "image/open_picture.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "ldznet/image.h"
#include "support/errors.h"
#include "support/pictures.h"
#include "support/ppm.h"
#include "support/tiff_bytes.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

// Pillow's upright size, which is beside every picture as a PPM.
TEST(OpenPicture, SizesOfEveryPicture) {
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(test::data_folder() / "pictures")) {
    const std::string name = entry.path().filename().string();
    const fs::path upright_path = entry.path().string() + ".ppm";
    if (!fs::exists(upright_path)) continue;
    const std::string content = test::picture(name);
    const OpenPicture opened = open_picture(test::bytes(content), name, kMostPixels);
    const Image upright = test::read_ppm(upright_path);
    const bool turned = opened.orientation >= 5;
    EXPECT_EQ(opened.image->Xsize, turned ? upright.height : upright.width) << name;
    EXPECT_EQ(opened.image->Ysize, turned ? upright.width : upright.height) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 72);
}

TEST(OpenPicture, OrientationsAndFrames) {
  const auto open = [](const std::string& name) {
    const std::string content = test::picture(name);
    OpenPicture opened = open_picture(test::bytes(content), name, kMostPixels);
    return std::pair(opened.orientation, opened.frame_kind);
  };
  for (int value = 1; value <= 8; ++value) {
    EXPECT_EQ(open("orientation" + std::to_string(value) + ".jpg").first, value);
    EXPECT_EQ(open("orientation" + std::to_string(value) + ".tiff").first, value);
  }
  EXPECT_EQ(open("orientation6.png").first, 6);
  EXPECT_EQ(open("orientation6.webp").first, 6);
  for (const char* name : {"animated.png", "animated.webp", "animated.gif"})
    EXPECT_EQ(open(name).second, "frame of the animation") << name;
  EXPECT_EQ(open("pages.tiff").second, "page");
  EXPECT_EQ(open("rgb.webp").second, "");
}

TEST(OpenPicture, PnmFilesAreReadAsTheirHeaderSaysOrRefused) {
  // libvips reads some headers otherwise, as 32-bit samples among them, and takes minutes for pixels that are not
  // there.
  const std::string pixels = " 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9";
  const std::string comments = "#\n#\n";
  const std::vector<std::string> starts = {"P3\v2" + comments + "\n2 \v15", "P3 2 2\n# 1\n# 70000\n15",
                                           "P2\v2" + comments + "70000 15", "P2 2#\n2#\n70 "};
  for (const std::string& start : starts) {
    const std::string content = start + pixels;
    try {
      const OpenPicture opened = open_picture(test::bytes(content), "a.ppm", kMostPixels);
      EXPECT_EQ(opened.image->BandFmt, VIPS_FORMAT_UCHAR) << start;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_image) << start;
    }
  }
  for (const char* without : {"P1 9000 9000 ", "P2 9000 9000 255 ", "P3 9000 9000 255 ", "P6 9000 9000 255 "}) {
    const std::string content = without + pixels;
    const Error error = test::error_of([&] { open_picture(test::bytes(content), "a.ppm", kMostPixels); });
    EXPECT_NE(std::string(error.what()).find("truncated"), std::string::npos) << error.what();
  }
}

TEST(OpenPicture, RefusesTooManyPixelsFromTheHeader) {
  const std::string header = "P6 20000 20000 255\n";
  const Error error = test::error_of([&] { open_picture(test::bytes(header), "large.ppm", kMostPixels); });
  EXPECT_EQ(error.code(), ErrorCode::bad_image);
  EXPECT_STREQ(error.what(), "large.ppm: has 20000 x 20000 pixels, the limit is 178956970");
  const std::string overflow = "P3\n100000000000000000000000 500000 4 0";  // 0 or little in 32 bits
  EXPECT_NE(std::string(test::error_of([&] { open_picture(test::bytes(overflow), "a", kMostPixels); }).what())
                .find("the limit is"),
            std::string::npos);
  for (const char* name : {"rgb.png", "rgb.bmp", "rgb.tiff", "rgb.webp", "rgb.ppm", "gray.jpg", "rgb.gif", "rgb.jp2",
                           "rgb.jxl", "smooth.heic", "smooth.avif"}) {
    const std::string content = test::picture(name);
    const Error small = test::error_of([&] { open_picture(test::bytes(content), name, 100); });
    EXPECT_NE(std::string(small.what()).find("pixels, the limit is 100"), std::string::npos) << small.what();
  }
}

TEST(OpenPicture, RefusesRawPhotographsAndOtherFilesByTheirKind) {
  const auto why = [](const std::string& content) {
    return std::string(test::error_of([&] { open_picture(test::bytes(content), "a", kMostPixels); }).what());
  };
  const std::string canon =
      std::string("II*\0\x10\0\0\0CR\2\0\0\0\0\0", 16) + test::TiffBytes().directory({{256, 4, 10}, {257, 4, 10}}, 0);
  EXPECT_EQ(why(canon), "a: is a raw photograph (Canon CR2), which is not a supported picture type");
  EXPECT_EQ(why("<svg/>"), "a: is an SVG drawing, which is not a supported picture type");
  EXPECT_EQ(why("\x01\x02\x03"), "a: not a supported picture type");
  EXPECT_EQ(why(""), "a: the file is empty");
}

TEST(OpenPicture, SamplesBecomeBytes) {
  std::uint8_t out[3] = {};
  const std::uint16_t wide[] = {0, 0x3333, 65535};
  EXPECT_TRUE(to_8_bits(VIPS_FORMAT_USHORT, reinterpret_cast<const std::byte*>(wide), 3, 65535, out));
  EXPECT_EQ(std::vector<int>(out, out + 3), (std::vector<int>{0, 51, 255}));
  const float real[] = {0.25F, 1.0F, 1.5F};
  EXPECT_TRUE(to_8_bits(VIPS_FORMAT_FLOAT, reinterpret_cast<const std::byte*>(real), 2, 1, out));
  EXPECT_EQ(std::vector<int>(out, out + 2), (std::vector<int>{64, 255}));
  EXPECT_FALSE(to_8_bits(VIPS_FORMAT_FLOAT, reinterpret_cast<const std::byte*>(real), 3, 1, out));
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(to_8_bits(VIPS_FORMAT_FLOAT, reinterpret_cast<const std::byte*>(&none), 1, 1, out));
}

}  // namespace
}  // namespace ldznet

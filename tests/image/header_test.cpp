#include "image/header.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/ppm.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

Header header_of(const std::string& name) {
  const std::string content = test::bytes_of(test::data_folder() / "pictures" / name);
  return read_header(bytes(content), sniff(bytes(content)).value()).value();
}

TEST(Sniff, ByContent) {
  const auto type = [](const std::string& content) { return sniff(bytes(content)); };
  EXPECT_EQ(type("\x89PNG\r\n\x1a\n"), PictureType::png);
  EXPECT_EQ(type("\xFF\xD8\xFF"), PictureType::jpeg);
  EXPECT_EQ(type("RIFF1234WEBP"), PictureType::webp);
  EXPECT_EQ(type("P6 3 2 255"), PictureType::pnm);
  EXPECT_EQ(type("P5#comment"), PictureType::pnm);
  EXPECT_EQ(type(std::string("II*\0", 4)), PictureType::tiff);
  EXPECT_EQ(type(std::string("MM\0*", 4)), PictureType::tiff);
  for (const char* other : {"", "P7 3 2 255", "P6", "Pandas", "GIF89a", "BMW is a car, not a picture"})
    EXPECT_EQ(type(other), std::nullopt) << other;
}

// Pillow's upright size, which is beside every picture as a PPM.
TEST(Header, SizesOfEveryPicture) {
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(test::data_folder() / "pictures")) {
    const std::string name = entry.path().filename().string();
    const fs::path upright_path = entry.path().string() + ".ppm";
    if (!fs::exists(upright_path)) continue;
    const Header header = header_of(name);
    const Image upright = test::read_ppm(upright_path);
    const bool turned = header.orientation >= 5;
    EXPECT_EQ(header.width, static_cast<std::uint64_t>(turned ? upright.height : upright.width)) << name;
    EXPECT_EQ(header.height, static_cast<std::uint64_t>(turned ? upright.width : upright.height)) << name;
    EXPECT_TRUE(header.complete) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 45);
}

TEST(Header, Orientation) {
  for (int value = 1; value <= 8; ++value) {
    EXPECT_EQ(header_of("orientation" + std::to_string(value) + ".jpg").orientation, value);
    EXPECT_EQ(header_of("orientation" + std::to_string(value) + ".tiff").orientation, value);
  }
  EXPECT_EQ(header_of("orientation6.png").orientation, 6);
  EXPECT_EQ(header_of("orientation6.webp").orientation, 6);
  EXPECT_EQ(header_of("rgb.png").orientation, 1);
}

TEST(Header, SeveralFrames) {
  EXPECT_EQ(header_of("animated.png").frame_kind, "frame of the animation");
  EXPECT_EQ(header_of("animated.webp").frame_kind, "frame of the animation");
  EXPECT_EQ(header_of("pages.tiff").frame_kind, "page");
  EXPECT_EQ(header_of("rgb.webp").frame_kind, "");
  EXPECT_GT(header_of("animated.webp").first_frame_length, 0U);
  EXPECT_EQ(header_of("rgb.webp").first_frame_length, 0U);
}

TEST(Header, DamageIsSeen) {
  for (const char* name : {"truncated.png", "truncated.jpeg", "truncated.webp", "truncated.bmp", "flipped-bit.png"})
    EXPECT_FALSE(header_of(name).complete) << name;
}

TEST(Header, EveryCutHasTheSizeOrNothing) {
  for (const char* name : {"rgb.png", "orientation6.jpg", "animated.webp", "palette.bmp", "rgb.tiff", "gray.pgm"}) {
    const std::string whole = test::bytes_of(test::data_folder() / "pictures" / name);
    const Header expected = header_of(name);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto header = read_header(bytes(whole).first(length), expected.type);
      if (!header || !header->complete) continue;
      EXPECT_EQ(header->width, expected.width) << name << " cut to " << length;
    }
  }
}

TEST(Header, TypesHaveNames) {
  EXPECT_STREQ(name(PictureType::png), "PNG");
  EXPECT_STREQ(name(PictureType::jpeg), "JPEG");
  EXPECT_STREQ(name(PictureType::webp), "WebP");
  EXPECT_STREQ(name(PictureType::bmp), "BMP");
  EXPECT_STREQ(name(PictureType::tiff), "TIFF");
  EXPECT_STREQ(name(PictureType::pnm), "PNM");
}

}  // namespace
}  // namespace ldznet

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "ldznet/image.h"
#include "support/errors.h"
#include "support/pictures.h"
#include "support/ppm.h"

namespace ldznet {
namespace {

std::filesystem::path pictures() { return test::data_folder() / "pictures"; }

/// The largest difference from the expected pixels: lossy decoders and colour profiles may be rounded differently.
int tolerance(const std::string& name) {
  if (name == "smooth.heic") return 6;  // what its encoder lost
  if (name == "cmyk.jpg") return 3;
  if (name == "lab.tiff" || name == "chroma.tiff" || name == "old-jpeg.tiff") return 2;
  const bool lossy = name.ends_with(".jpg") || name.ends_with(".avif") || name.starts_with("adobe-rgb");
  return lossy && !name.starts_with("a-png") ? 2 : 0;
}

TEST(Decode, EqualsPillowOnEveryPicture) {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pictures())) {
    const std::string name = entry.path().filename().string();
    const auto expected_path = pictures() / (name + ".ppm");
    if (!std::filesystem::exists(expected_path)) continue;
    const Image expected = test::read_ppm(expected_path);
    const Image image = read_image(entry.path());
    EXPECT_EQ(image.width, expected.width) << name;
    EXPECT_EQ(image.height, expected.height) << name;
    ASSERT_EQ(image.rgb.size(), expected.rgb.size()) << name;
    int worst = 0;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
      worst = std::max(worst, std::abs(image.rgb[i] - expected.rgb[i]));
    }
    EXPECT_LE(worst, tolerance(name)) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 72);
}

TEST(Decode, AProfileChangesColours) {
  const Image plain = read_image(pictures() / "rgb.png"), wide = read_image(pictures() / "adobe-rgb.png");
  EXPECT_NE(plain.rgb, wide.rgb);  // the same samples
  EXPECT_EQ(plain.rgb, read_image(pictures() / "srgb-profile.png").rgb);
}

TEST(Decode, WarnsAboutFurtherFrames) {
  const std::vector<std::string> warnings = {"only the first frame of the animation is used"};
  EXPECT_EQ(read_image(pictures() / "animated.webp").warnings, warnings);
  EXPECT_EQ(read_image(pictures() / "animated.gif").warnings, warnings);
  EXPECT_EQ(read_image(pictures() / "animated.png").warnings, warnings);
  EXPECT_EQ(read_image(pictures() / "pages.tiff").warnings.size(), 1U);
  EXPECT_TRUE(read_image(pictures() / "rgb.png").warnings.empty());
}

TEST(Decode, RefusesDamagedPicturesWithTheirNameAndAHint) {
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pictures())) {
    const std::string name = entry.path().filename().string();
    const bool good = std::filesystem::exists(pictures() / (name + ".ppm"));
    const bool reference =
        name.ends_with(".ppm") && std::filesystem::exists(pictures() / name.substr(0, name.size() - 4));
    if (good || reference) continue;
    const Error error = test::error_of([&] { read_image(entry.path()); });
    EXPECT_EQ(error.code(), ErrorCode::bad_image) << name;
    EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    EXPECT_FALSE(error.hint().empty()) << name;
    ++refused;
  }
  EXPECT_EQ(refused, 15);
}

TEST(Decode, RefusesOrFullyReadsEveryTruncatedFile) {
  // Whatever the length of an incomplete copy: an error or the whole picture, never a crash or part of a picture.
  for (const std::string name :
       {"rgb.png", "progressive.jpg", "gray.jpg", "rgb.webp", "animated.webp", "rgb.bmp", "rgb.tiff", "lzw.tiff",
        "gray.pgm", "rgb.gif", "chroma.tiff", "twelve-bits.tiff", "gray.pfm", "animated.gif", "rgb.jp2", "rgb.jxl"}) {
    const std::string whole = test::picture(name);
    const Image expected = decode_image(test::bytes(whole), name);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      try {
        const Image image = decode_image(std::as_bytes(std::span(whole).first(length)), name);
        EXPECT_EQ(image.rgb, expected.rgb) << name << " cut to " << length;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_image);
      }
    }
  }
}

TEST(Decode, FloatsMayLieAtAnyAddressAndMustBeNumbers) {
  const std::string whole = test::picture("gray.pfm");
  const Image expected = decode_image(test::bytes(whole), "gray.pfm");
  const std::string header = "Pf\n29 18\n-1.0";
  ASSERT_TRUE(whole.starts_with(header));
  std::string moved = whole;
  for (int zeros = 1; zeros < 4; ++zeros) {
    moved.insert(header.size(), "0");
    EXPECT_EQ(decode_image(test::bytes(moved), "moved.pfm").rgb, expected.rgb);
  }
  std::string none = whole;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(none.data() + header.size() + 1, &nan, sizeof nan);
  const Error error = test::error_of([&] { decode_image(test::bytes(none), "none.pfm"); });
  EXPECT_EQ(error.code(), ErrorCode::bad_image) << error.what();
}

}  // namespace
}  // namespace ldznet

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "ldznet/error.h"
#include "ldznet/image.h"
#include "support/ppm.h"

namespace ldznet {
namespace {

std::filesystem::path pictures() { return test::data_folder() / "pictures"; }

/// Decoders of lossy types may round differently from Pillow's; lossless ones may not.
int tolerance(const std::string& name) {
  if (name == "cmyk.jpg") return 3;
  return name.ends_with(".jpg") && !name.starts_with("a-png") ? 2 : 0;
}

TEST(Decode, EveryPictureIsWhatPillowMakesOfIt) {
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
  EXPECT_EQ(compared, 45);
}

TEST(Decode, DamagedPicturesAreRefusedWithTheirNameAndAHint) {
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pictures())) {
    const std::string name = entry.path().filename().string();
    const bool good = std::filesystem::exists(pictures() / (name + ".ppm"));
    const bool reference =
        name.ends_with(".ppm") && std::filesystem::exists(pictures() / name.substr(0, name.size() - 4));
    if (good || reference) continue;
    try {
      read_image(entry.path());
      ADD_FAILURE() << name << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_image) << name;
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
      EXPECT_FALSE(error.hint().empty()) << name;
      ++refused;
    }
  }
  EXPECT_EQ(refused, 14);
}

TEST(Decode, FurtherFramesAreSaid) {
  EXPECT_EQ(read_image(pictures() / "animated.webp").warnings.size(), 1U);
  EXPECT_EQ(read_image(pictures() / "animated.png").warnings.size(), 1U);
  EXPECT_EQ(read_image(pictures() / "pages.tiff").warnings.size(), 1U);
  EXPECT_TRUE(read_image(pictures() / "rgb.png").warnings.empty());
}

TEST(Decode, MissingFilesAndFoldersHaveTheirOwnErrors) {
  const auto code = [](const std::filesystem::path& path) {
    try {
      read_image(path);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  EXPECT_EQ(code(pictures() / "no-such.png"), ErrorCode::missing_input);
  EXPECT_EQ(code(pictures()), ErrorCode::bad_image);
}

TEST(Decode, EveryCutOfAFileIsRefusedOrReadWhole) {
  // Whatever length a copy broke off at, there must be an error or the picture, never a crash or half a picture.
  for (const std::string name : {"rgb.png", "progressive.jpg", "rgb.webp", "animated.webp", "rgb.bmp", "rgb.tiff"}) {
    std::ifstream file(pictures() / name, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const Image expected = decode_image(std::as_bytes(std::span(whole)), name);
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

}  // namespace
}  // namespace ldznet

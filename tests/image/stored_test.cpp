// Reading picture files and refusing bad ones, through the public functions.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "ldznet/image.h"
#include "support/errors.h"
#include "support/ppm.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

std::filesystem::path pictures() { return test::data_folder() / "pictures"; }

TEST(Stored, RefusesDamagedPicturesWithTheirNameAndAHint) {
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

TEST(Stored, MissingFilesAndFoldersHaveTheirOwnErrors) {
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

TEST(Stored, RefusesOrFullyReadsEveryTruncatedFile) {
  // Whatever the length of an incomplete copy: an error or the whole picture, never a crash or part of a picture.
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

TEST(Stored, RefusesTooManyPixelsFromTheHeader) {
  const std::string header = "P6 20000 20000 255\n";
  const Error error = test::error_of([&] { decode_image(std::as_bytes(std::span(header)), "large.ppm"); });
  EXPECT_EQ(error.code(), ErrorCode::bad_image);
  EXPECT_STREQ(error.what(), "large.ppm: has 20000 x 20000 pixels, the limit is 178956970");
}

TEST(Stored, ReadsEveryByteOfAFile) {
  const test::TemporaryFolder folder;
  const std::string content(200'000, '\0');
  EXPECT_EQ(read_picture_file(folder.write("zeros", content)), content);
}

}  // namespace
}  // namespace ldznet

#include "image/format/png_chunks.h"

#include <gtest/gtest.h>

#include <string>

#include "support/pictures.h"

namespace ldznet {
namespace {

PngChunks chunks(const std::string& content) { return read_png_chunks(test::bytes(content)); }

std::string chunk(const std::string& kind, const std::string& body) {
  const auto length = static_cast<char>(body.size());
  return std::string("\0\0\0", 3) + length + kind + body + "sum.";
}

const std::string kSignature = "\x89PNG\r\n\x1a\n";
const std::string kTurned =  // orientation 6, as hexadecimal digits
    "\nexif\n      26\n49492a0008000000010012010300010000000600\n000000000000\n";

TEST(PngChunks, OfTestPictures) {
  const auto of = [](const std::string& name) { return chunks(test::picture(name)); };
  EXPECT_EQ(of("orientation6.png").orientation, 6);
  EXPECT_EQ(of("rgb.png").orientation, 1);
  EXPECT_TRUE(of("animated.png").animated);
  EXPECT_FALSE(of("rgb.png").animated);
}

TEST(PngChunks, ExifAsTextBehindThePixels) {
  const std::string text = chunk("tEXt", std::string("Raw profile type exif\0", 22) + kTurned);
  EXPECT_EQ(chunks(kSignature + chunk("IDAT", "rows") + text).orientation, 6);
  EXPECT_EQ(chunks(kSignature + chunk("tEXt", "Title") + text + chunk("IEND", "")).orientation, 6);
  EXPECT_EQ(chunks(kSignature + chunk("IEND", "") + text).orientation, 1);
}

TEST(PngChunks, PaletteOfIndexedPixels) {
  const auto entries = [](char color_type) {
    const std::string header = chunk("IHDR", std::string("widehigh\x8", 9) + color_type + std::string(3, '\0'));
    const std::string file = kSignature + header + chunk("PLTE", "rgbRGB") + chunk("IDAT", "rows");
    const auto palette = chunks(file).palette;
    return std::string(reinterpret_cast<const char*>(palette.data()), palette.size());
  };
  EXPECT_EQ(entries(3), "rgbRGB");
  EXPECT_EQ(entries(2), "");  // a suggestion for screens with few colours
}

TEST(PngChunks, CutFilesAreNoProblem) {
  const std::string whole =
      kSignature + chunk("zTXt", std::string("Raw profile type exif\0\0x", 24)) + chunk("eXIf", "II");
  for (std::size_t length = 0; length <= whole.size(); ++length)
    EXPECT_EQ(chunks(whole.substr(0, length)).orientation, 1);
}

}  // namespace
}  // namespace ldznet

#include "image/format/bmp.h"

#include <gtest/gtest.h>

#include <string>

namespace ldznet {
namespace {

std::string number(std::uint32_t value, int width = 4) {
  std::string text;
  for (int i = 0; i < width; ++i) text += static_cast<char>(value >> 8 * i & 255);
  return text;
}

/// A BMP file with a BITMAPINFOHEADER; `behind_header` is masks or a palette.
std::string bmp(int width, int height, int bits, int compression, const std::string& behind_header,
                const std::string& pixels) {
  const auto at = static_cast<std::uint32_t>(54 + behind_header.size());
  return "BM" + number(0) + number(0) + number(at) + number(40) + number(static_cast<std::uint32_t>(width)) +
         number(static_cast<std::uint32_t>(height)) + number(1, 2) + number(static_cast<std::uint32_t>(bits), 2) +
         number(static_cast<std::uint32_t>(compression)) + std::string(20, '\0') + behind_header + pixels;
}

std::optional<BmpPixels> decoded(const std::string& file) {
  const auto bytes = std::as_bytes(std::span(file));
  const auto header = read_bmp_header(bytes);
  return header ? decode_bmp(bytes, *header) : std::nullopt;
}

using Rows = std::vector<std::uint8_t>;

const std::string kPalette = std::string("\x00\x00\x00\x00", 4) + std::string("\x03\x02\x01\x00", 4);  // black; 1, 2, 3

TEST(Bmp, PaletteOfEveryDepth) {
  const std::string four = kPalette + std::string(4 * 14, '\0');
  EXPECT_EQ(decoded(bmp(2, 1, 1, 0, kPalette, std::string("\x40\0\0\0", 4)))->rows, (Rows{0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(decoded(bmp(2, 1, 2, 0, kPalette, std::string("\x10\0\0\0", 4)))->rows, (Rows{0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(decoded(bmp(2, 1, 4, 0, four, std::string("\x01\0\0\0", 4)))->rows, (Rows{0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(decoded(bmp(2, 1, 8, 0, kPalette, std::string("\0\x01\0\0", 4)))->rows, (Rows{0, 0, 0, 1, 2, 3}));
}

TEST(Bmp, PixelsAreBehindThePaletteWhateverTheFileSays) {
  std::string file = bmp(2, 1, 1, 0, kPalette, std::string("\x40\0\0\0", 4));
  file.replace(10, 4, number(54));
  EXPECT_EQ(decoded(file)->rows, (Rows{0, 0, 0, 1, 2, 3}));
  file = bmp(2, 1, 8, 0, kPalette, std::string("\0\x01\0\0", 4));
  file.replace(10, 4, number(0));
  EXPECT_FALSE(decoded(file));
  file.replace(46, 4, number(2));  // colours of the palette
  EXPECT_EQ(decoded(file)->rows, (Rows{0, 0, 0, 1, 2, 3}));
}

TEST(Bmp, RowsFromTheTopOrTheBottom) {
  const std::string rows = std::string("\x03\x02\x01\0\x06\x05\x04\0", 8);
  EXPECT_EQ(decoded(bmp(1, 2, 24, 0, "", rows))->rows, (Rows{4, 5, 6, 1, 2, 3}));
  EXPECT_EQ(decoded(bmp(1, -2, 24, 0, "", rows))->rows, (Rows{1, 2, 3, 4, 5, 6}));
}

TEST(Bmp, BitFields) {
  EXPECT_EQ(decoded(bmp(1, 1, 16, 0, "", number(0x7C00)))->rows, (Rows{255, 0, 0}));
  EXPECT_EQ(decoded(bmp(1, 1, 16, 3, number(0xF800) + number(0x7E0) + number(0x1F), number(0x7E0)))->rows,
            (Rows{0, 255, 0}));
  EXPECT_FALSE(decoded(bmp(1, 1, 16, 3, number(0) + number(0x7E0) + number(0x1F), number(0x7E0))));
}

TEST(Bmp, AlphaHasAMask) {
  const std::string masks = number(0xFF0000) + number(0xFF00) + number(0xFF) + number(0xFF000000);
  EXPECT_EQ(decoded(bmp(1, 1, 32, 6, masks, number(0x80010203)))->rows, (Rows{1, 2, 3, 128}));
  EXPECT_EQ(decoded(bmp(1, 1, 32, 6, masks, number(0x00010203)))->rows, (Rows{1, 2, 3, 255}));  // never set
  EXPECT_EQ(decoded(bmp(1, 1, 32, 0, "", number(0x80010203)))->rows, (Rows{1, 2, 3}));          // padding
}

TEST(Bmp, RunLengths) {
  const auto first_channel = [](const std::string& file) {
    Rows values;
    const auto pixels = decoded(file);
    for (std::size_t i = 0; pixels && i < pixels->rows.size(); i += 3) values.push_back(pixels->rows[i]);
    return values;
  };
  const auto rle8 = [&](const std::string& runs) { return first_channel(bmp(3, 2, 8, 1, kPalette, runs)); };
  EXPECT_EQ(rle8(std::string("\x02\x01\0\0\0\x03\x01\0\x01\0\0\x01", 12)), (Rows{1, 0, 1, 1, 1, 0}));
  EXPECT_EQ(rle8(std::string("\0\x02\x01\x01\x02\x01\0\x01", 8)), (Rows{0, 1, 1, 0, 0, 0}));  // a step
  EXPECT_EQ(rle8(std::string("\x09\x01\0\x01", 4)), (Rows{0, 0, 0, 1, 1, 1}));                // too long a run
  EXPECT_EQ(rle8(std::string("\x02\x01\0\0", 4)), Rows());                                    // cut off
  EXPECT_EQ(rle8(std::string("\0\x09\x01", 3)), Rows());
  EXPECT_EQ(first_channel(bmp(3, 1, 4, 2, kPalette + std::string(56, '\0'), std::string("\x03\x01\0\x01", 4))),
            (Rows{0, 1, 0}));
}

TEST(Bmp, RefusesWhatItCannotRead) {
  EXPECT_FALSE(decoded(bmp(0, 1, 24, 0, "", "1234")));
  EXPECT_FALSE(decoded(bmp(1, 0, 24, 0, "", "1234")));
  EXPECT_FALSE(decoded(bmp(-1, 1, 24, 0, "", "1234")));
  EXPECT_FALSE(decoded(bmp(1, 1, 24, 4, "", "1234")));  // an embedded JPEG
  EXPECT_FALSE(decoded(bmp(1, 1, 24, 0, "", "12")));
  EXPECT_FALSE(decoded("BM"));
}

}  // namespace
}  // namespace ldznet

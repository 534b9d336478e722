#include "image/exif.h"

#include <gtest/gtest.h>

#include <string>

namespace ldznet {
namespace {

constexpr std::uint16_t kOrientation = 0x0112, kWidth = 0x0100;

std::string number(std::uint32_t value, int width, bool big) {
  std::string text;
  for (int i = 0; i < width; ++i) text += static_cast<char>(value >> 8 * (big ? width - 1 - i : i));
  return text;
}

/// A TIFF structure with a SHORT orientation and a LONG width, and the offset of a next directory.
std::string tiff(bool big, std::uint32_t orientation, std::uint32_t next = 0) {
  return (big ? std::string("MM\0*", 4) : std::string("II*\0", 4)) + number(8, 4, big) + number(2, 2, big) +
         number(kWidth, 2, big) + number(4, 2, big) + number(1, 4, big) + number(70000, 4, big) +
         number(kOrientation, 2, big) + number(3, 2, big) + number(1, 4, big) + number(orientation, 2, big) +
         number(0, 2, big) + number(next, 4, big);
}

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Exif, FieldsInBothByteOrders) {
  for (const bool big : {false, true}) {
    const std::string data = tiff(big, 6);
    EXPECT_EQ(tiff_field(bytes(data), kWidth), 70000U);
    EXPECT_EQ(tiff_field(bytes(data), kOrientation), 6U);
    EXPECT_EQ(tiff_field(bytes(data), 0x0101), std::nullopt);
  }
}

TEST(Exif, OrientationWithAndWithoutThePrefix) {
  for (std::uint32_t value = 1; value <= 8; ++value) {
    EXPECT_EQ(exif_orientation(bytes(tiff(false, value))), static_cast<int>(value));
    EXPECT_EQ(exif_orientation(bytes(std::string("Exif\0\0", 6) + tiff(true, value))), static_cast<int>(value));
  }
  for (const std::uint32_t value : {0U, 9U, 65535U}) EXPECT_EQ(exif_orientation(bytes(tiff(false, value))), 1) << value;
  EXPECT_EQ(exif_orientation({}), 1);
}

TEST(Exif, FurtherPages) {
  for (const bool big : {false, true}) {
    EXPECT_FALSE(tiff_has_more_pages(bytes(tiff(big, 1))));
    EXPECT_TRUE(tiff_has_more_pages(bytes(tiff(big, 1, 8))));
  }
}

TEST(Exif, DamagedStructuresHaveNothing) {
  const std::string whole = tiff(false, 6, 8);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    const int expected = length >= 32 ? 6 : 1;  // the value is at 30
    EXPECT_EQ(exif_orientation(bytes(cut)), expected) << length;
    EXPECT_FALSE(tiff_has_more_pages(bytes(cut))) << length;
  }
  EXPECT_EQ(exif_orientation(bytes("XX" + whole.substr(2))), 1);
}

}  // namespace
}  // namespace ldznet

#include "image/format/pnm.h"

#include <gtest/gtest.h>

#include <string>

#include "support/pictures.h"

namespace ldznet {
namespace {

TEST(Pnm, HeadersHaveASizeAndAWhite) {
  const auto header = [](const std::string& text) { return read_pnm_header(test::bytes(text)); };
  EXPECT_EQ(header("P5 # a\n 31 7\n1023\n")->white, 1023U);
  EXPECT_EQ(header("P4 31 7 ")->white, 1U);
  EXPECT_EQ(header("Pf\n31 7\n-1.0\n")->width, 31U);
  EXPECT_EQ(header("PF 31 7 2.5e-1 ")->height, 7U);
  EXPECT_TRUE(header("PF 31 7 2.5e-1 ")->from_bottom);
  for (const char* other : {"Pf 31 7 0 ", "Pf 31 7 wide ", "PF 31 7 nan ", "Pf 31 7 1x", "Pf is a mark"})
    EXPECT_FALSE(header(other)) << other;
}

TEST(Pnm, PixelsTakeThisManyBytesAtLeast) {
  const auto least = [](const std::string& text) { return read_pnm_header(test::bytes(text))->least_bytes(); };
  EXPECT_EQ(least("P1 9 2 "), 18U);
  EXPECT_EQ(least("P2 9 2 255 "), 35U);
  EXPECT_EQ(least("P3 9 2 255 "), 107U);
  EXPECT_EQ(least("P4 9 2 "), 4U);
  EXPECT_EQ(least("P5 9 2 255 "), 18U);
  EXPECT_EQ(least("P5 9 2 256 "), 36U);
  EXPECT_EQ(least("P6 9 2 255 "), 54U);
  EXPECT_EQ(least("Pf 9 2 -1 "), 72U);
  EXPECT_EQ(least("PF 9 2 -1 "), 216U);
}

TEST(Pnm, PixelsOfABitmapAreSeparated) {
  const auto separate = [](const std::string& text) {
    const auto bytes = with_separate_pixels(test::bytes(text));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  EXPECT_EQ(separate("P1 10 2\n01\n1"), "P1 10 2\n 0 1\n 1");
  EXPECT_EQ(separate("P4 10 2\n01\n1"), "");
  EXPECT_EQ(separate("P1 10"), "");
}

}  // namespace
}  // namespace ldznet

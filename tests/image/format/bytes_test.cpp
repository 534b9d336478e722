#include "image/format/bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace ldznet {
namespace {

constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();

class BytesTest : public testing::Test {
 protected:
  const std::string text_{"\x01\x02\x03\xff\x00", 5};
  const Bytes bytes_{std::as_bytes(std::span(text_))};
};

TEST_F(BytesTest, NumbersInBothByteOrders) {
  EXPECT_EQ(bytes_.big(0, 1), 1U);
  EXPECT_EQ(bytes_.big(0, 3), 0x010203U);
  EXPECT_EQ(bytes_.little(0, 3), 0x030201U);
  EXPECT_EQ(bytes_.big(1, 4), 0x0203ff00U);
  EXPECT_EQ(bytes_.little(1, 4), 0x00ff0302U);
}

TEST_F(BytesTest, NothingPastTheEnd) {
  EXPECT_TRUE(bytes_.big(4, 1).has_value());
  for (const std::size_t at : {std::size_t{2}, std::size_t{5}, std::size_t{6}, kFar, kFar - 2})
    EXPECT_EQ(bytes_.big(at, 4), std::nullopt) << at;
}

TEST_F(BytesTest, ComparesText) {
  EXPECT_TRUE(bytes_.has(1, "\x02\x03"));
  EXPECT_FALSE(bytes_.has(1, "\x03"));
  EXPECT_FALSE(bytes_.has(4, std::string_view("\0x", 2)));
  EXPECT_FALSE(bytes_.has(kFar, "\x01"));
}

TEST_F(BytesTest, PartsEndWithTheData) {
  EXPECT_EQ(bytes_.part(1, 2).size(), 2U);
  EXPECT_EQ(bytes_.part(3, 100).size(), 2U);
  EXPECT_TRUE(bytes_.part(5, 1).empty());
  EXPECT_TRUE(bytes_.part(kFar, kFar).empty());
}

}  // namespace
}  // namespace ldznet

#include "base/text.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

using Texts = std::vector<std::string>;

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (Texts{"a", "", "b"}));
  EXPECT_EQ(split("a\n", '\n'), (Texts{"a", ""}));
  EXPECT_EQ(split("", ','), Texts{""});
  EXPECT_EQ(split({"a\0b", 3}, '\0'), (Texts{"a", "b"}));
}

TEST(Text, JoinedNamesTheLastOneApart) {
  EXPECT_EQ(joined({"mask", "overlay", "labels"}, " or "), "mask, overlay or labels");
  EXPECT_EQ(joined({"mask", "overlay"}, " or "), "mask or overlay");
  EXPECT_EQ(joined({"mask"}, " or "), "mask");
  EXPECT_EQ(joined({}), "");
}

TEST(Text, BlankIsWhiteSpaceOnly) {
  EXPECT_EQ(trimmed(" \t red car\r\n"), "red car");
  for (const char* blank : {"", " ", "\t\r\n\v\f"}) EXPECT_TRUE(is_blank(blank));
  EXPECT_FALSE(is_blank(" x "));
}

TEST(Text, CountedTakesThePlural) {
  EXPECT_EQ(counted(0, "mask"), "0 masks");
  EXPECT_EQ(counted(1, "mask"), "1 mask");
}

}  // namespace
}  // namespace ldznet

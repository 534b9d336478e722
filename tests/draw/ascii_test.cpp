#include "draw/ascii.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

TEST(Ascii, DropsAccentsAndReplacesWhatHasNoLetter) {
  EXPECT_EQ(to_ascii(""), "");
  EXPECT_EQ(to_ascii("red car, 50 %"), "red car, 50 %");
  EXPECT_EQ(to_ascii("\u00c5ngstr\u00f6m na\u00efve"), "Angstrom naive");
  EXPECT_EQ(to_ascii("\ufb01ne \uff41\u00bd"), "fine a1?2");
  EXPECT_EQ(to_ascii("\u718a\u732b bear \u718a"), "? bear ?");
  EXPECT_EQ(to_ascii("bad\xff"), "?");
  for (const char c : to_ascii("a\tb\nc\x01\x7f\u0085\u200b")) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << int{c};
}

}  // namespace
}  // namespace ldznet

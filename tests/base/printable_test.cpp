#include "base/printable.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

TEST(Printable, TextNeitherBreaksItsLineNorMovesTheCursor) {
  EXPECT_EQ(printable("a\tb\nc\\d\x1b[31m"), "a\\tb\\nc\\\\d\\x1b[31m");
}

TEST(Printable, WhatTerminalsActOnIsEscaped) {
  EXPECT_EQ(printable("a\u009b31m\u2028\u202eb\u2066"), "a\\u009b31m\\u2028\\u202eb\\u2066");
  EXPECT_EQ(printable("bytes \x9b\xff"), "bytes \\x9b\\xff");
  EXPECT_EQ(printable("日本 é 👩‍🚀"), "日本 é 👩‍🚀");
}

TEST(Printable, MessagesKeepTheirLinesButNoneLooksLikeAnother) {
  EXPECT_EQ(safe_lines("a\\b\nldznet: error: forged\x1b[31m"), "a\\b\n  ldznet: error: forged\\x1b[31m");
}

TEST(Printable, WidthOnATerminal) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
}

}  // namespace
}  // namespace ldznet

#include "base/printable.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

TEST(Printable, TextNeitherBreaksItsLineNorMovesTheCursor) {
  EXPECT_EQ(printable("a\tb\nc\\d\x1b[31m"), "a\\tb\\nc\\\\d\\x1b[31m");
}

TEST(Printable, WidthOnATerminal) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
}

}  // namespace
}  // namespace ldznet

#include "base/printable.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

TEST(Printable, TextNeitherBreaksItsLineNorMovesTheCursor) {
  EXPECT_EQ(printable("a\tb\nc\\d\x1b[31m"), "a\\tb\\nc\\\\d\\x1b[31m");
}

}  // namespace
}  // namespace ldznet

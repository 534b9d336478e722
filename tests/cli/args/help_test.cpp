#include "cli/args/help.h"

#include <gtest/gtest.h>

namespace ldznet::cli {

TEST(Help, WrapsAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 0, 7), "one two\nthree");
  EXPECT_EQ(wrapped("one two three", 2, 9), "one two\n  three");
  EXPECT_EQ(wrapped("incomprehensibilities are long", 0, 8), "incomprehensibilities\nare long");
  EXPECT_EQ(wrapped("", 4), "");
}

TEST(Help, PutsTheTextBesideOrBelowTheName) {
  EXPECT_EQ(help_entry("-q", "Less.", 8), "  -q    Less.\n");
  EXPECT_EQ(help_entry("--quiet", "Less.", 8), "  --quiet\n        Less.\n");
}

}  // namespace ldznet::cli

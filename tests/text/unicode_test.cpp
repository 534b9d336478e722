#include "text/unicode.h"

#include <gtest/gtest.h>

#include <string_view>

namespace ldznet {
namespace {

TEST(Normalize, CollapsesWhiteSpace) {
  EXPECT_EQ(normalize("a \t\n\u00a0\u3000b"), U"a b");
  EXPECT_EQ(normalize("  a  "), U" a ");
  EXPECT_EQ(normalize("a\u200bb\ufeff"), U"a\u200bb\ufeff");  // zero width, not white space
  EXPECT_EQ(normalize(""), U"");
}

TEST(Normalize, ComposesAndLowers) {
  EXPECT_EQ(normalize("E\u0301\u00c9"), U"\u00e9\u00e9");
  EXPECT_EQ(normalize("a\u0301\u0327"), U"\u00e1\u0327");  // reordered: the acute composes, the cedilla stays
  EXPECT_EQ(normalize("\u1112\u1161\u11ab"), U"\ud55c");
  EXPECT_EQ(normalize("\u212b \u1e9e \u0130"), U"\u00e5 \u00df i\u0307");
  EXPECT_EQ(normalize("\u03a3\u0399\u03a3"), U"\u03c3\u03b9\u03c3");  // no final sigma
}

TEST(Kind, DistinguishesLettersNumbersSpaceAndOthers) {
  for (const char32_t c : std::u32string_view(U"az\u00e9\u718a\u05d0\U0002ebf0"))
    EXPECT_EQ(kind(c), CharacterKind::letter) << std::uint32_t{c};
  for (const char32_t c : std::u32string_view(U"09\u00b2\u2167\u0660\U0001d7d8"))
    EXPECT_EQ(kind(c), CharacterKind::number) << std::uint32_t{c};
  for (const char32_t c : std::u32string_view(U" \t\u0085\u00a0\u3000\u2028"))
    EXPECT_EQ(kind(c), CharacterKind::space) << std::uint32_t{c};
  for (const char32_t c : std::u32string_view(U"!'\u0301\u200d\u180e\U0001f43c\U0010ffff\x1c"))
    EXPECT_EQ(kind(c), CharacterKind::other) << std::uint32_t{c};
}

}  // namespace
}  // namespace ldznet

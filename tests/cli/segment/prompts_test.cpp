#include "cli/segment/prompts.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"

namespace ldznet::cli {

using Prompts = std::vector<std::string>;

TEST(Prompts, SplitsAtBarsAndStripsBlanks) {
  EXPECT_EQ(split_prompts({"panda | bamboo", " sky\t"}), (Prompts{"panda", "bamboo", "sky"}));
  EXPECT_EQ(split_prompts({}), Prompts{});
  EXPECT_EQ(split_prompts({"(a|b) AND c | d"}), (Prompts{"(a|b) AND c", "d"}));
  EXPECT_EQ(split_prompts({R"(":("|"\"("|5" x|(a))"}), (Prompts{R"(":(")", R"("\"(")", "5\" x", "(a)"}));
  for (const char* wrong : {"", " ", "a||b", "|a", "a|"}) {
    try {
      split_prompts({"good", wrong});
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::usage);
      EXPECT_NE(std::string(error.what()).find("a prompt is empty"), std::string::npos);
    }
  }
}

TEST(Prompts, LinesAreNotSplit) { EXPECT_EQ(prompts_in_lines({"a|b", "", "  ", " #c "}), (Prompts{"a|b", "#c"})); }

TEST(Prompts, WithoutRepetitionsKeepsTheOrder) {
  EXPECT_EQ(without_repetitions({"b", "a", "b", "c", "a"}), (Prompts{"b", "a", "c"}));
}

TEST(Prompts, TheTemplateIsFilledEverywhere) {
  EXPECT_EQ(filled("a {} and {}.", "{}x"), "a {}x and {}x.");
  EXPECT_EQ(filled("{}", "panda"), "panda");
}

}  // namespace ldznet::cli

#include "cli/args/did_you_mean.h"

#include <gtest/gtest.h>

namespace ldznet::cli {

TEST(DidYouMean, FindsTheSimilarWord) {
  const std::vector<std::string> known = {"threshold", "threads", "prompt", "save"};
  EXPECT_EQ(nearest("treshold", known), "threshold");
  EXPECT_EQ(nearest("thraeds", known), "threads");
  EXPECT_EQ(nearest("promt", known), "prompt");
  EXPECT_EQ(nearest("sav", known), "save");
  EXPECT_EQ(nearest("thres", known), "threshold");  // a beginning
}

TEST(DidYouMean, NothingWhenNoneIsSimilar) {
  const std::vector<std::string> known = {"threshold", "prompt"};
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("th", known), "");
  EXPECT_EQ(nearest("output", known), "");
  EXPECT_EQ(nearest(std::string(100, 'p'), known), "");
}

}  // namespace ldznet::cli

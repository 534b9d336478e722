#include "data/grouped_evaluation.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

PixelCounts counts_of(float probability) { return count_pixels({1, 1, {probability}}, {1, 1, {1}}); }

Sample sample(const std::string& id, std::map<std::string, std::string> tags) {
  return {id, "a.png", "x", {}, std::move(tags)};
}

TEST(GroupedEvaluation, SamplesAreGroupedByTheirTags) {
  const Sample one = sample("1", {{"kind", "thing"}, {"size", "small"}}), two = sample("2", {{"kind", "stuff"}}),
               three = sample("3", {{"kind", "thing"}, {"size", "small"}});
  GroupedEvaluation evaluation({"a"}, {"kind", "size"});
  evaluation.add_image({&one, &two}, {{counts_of(0.9F), counts_of(0.1F)}});
  evaluation.add_image({&three}, {{counts_of(0.1F)}});
  const GroupResults groups = evaluation.group_results();
  ASSERT_EQ(groups.size(), 2U);
  const Summary& things = groups.at("thing, small").summaries.at(0);
  EXPECT_EQ(things.samples, 2U);
  EXPECT_DOUBLE_EQ(things.miou[kAtHalf], 0.25);  // 1/2 and 0
  EXPECT_EQ(groups.at("stuff, -").summaries.at(0).samples, 1U);
  EXPECT_DOUBLE_EQ(groups.at("stuff, -").summaries.at(0).miou[kAtHalf], 0);
  EXPECT_EQ(evaluation.all().summary(0).samples, 3U);
}

TEST(GroupedEvaluation, WithoutTagsThereAreNoGroups) {
  const Sample one = sample("1", {{"kind", "thing"}});
  GroupedEvaluation evaluation({"a"}, {});
  evaluation.add_image({&one}, {{counts_of(0.9F)}});
  EXPECT_TRUE(evaluation.group_results().empty());
  EXPECT_EQ(evaluation.all().outcomes().size(), 1U);
}

}  // namespace
}  // namespace ldznet

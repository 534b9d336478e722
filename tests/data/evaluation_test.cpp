#include "data/evaluation.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

/// The counts of a picture of ten pixels, the first five of which are the object, for a method that finds the first
/// `found` pixels.
PixelCounts counts_of(int found) {
  std::vector<float> values(10, 0.0F);
  for (int k = 0; k < found; ++k) values[k] = 0.9F;
  return count_pixels({10, 1, values}, {10, 1, {1, 1, 1, 1, 1, 0, 0, 0, 0, 0}});
}

TEST(Evaluation, DifferencesHaveIntervalsRoundThem) {
  Evaluation evaluation({"worse", "better"});
  const Sample sample{"0", "a.png", "x", {}};
  for (int i = 0; i < 20; ++i) evaluation.add_image({&sample}, {{counts_of(i % 5)}, {counts_of(5)}});
  const auto comparisons = evaluation.comparisons();
  ASSERT_EQ(comparisons.size(), 1U);
  const Difference& miou = comparisons[0].miou;
  EXPECT_NEAR(miou.value, 3.0 / 6, 1e-12);  // 5/6 against the mean of 0/6 to 4/6
  EXPECT_LT(miou.low, miou.value);
  EXPECT_GT(miou.high, miou.value);
  EXPECT_GT(miou.low, 0);
  EXPECT_EQ(evaluation.comparisons()[0].miou.low, miou.low);  // the same draws every time
}

TEST(Evaluation, OutcomesAreBySampleAndMethod) {
  Evaluation evaluation({"a", "b"});
  const Sample present{"7", "a.png", "red car", {}}, absent{"8", "a.png", "bus", {}};
  const PixelCounts nothing = count_pixels({10, 1, std::vector<float>(10)}, {10, 1, std::vector<std::uint8_t>(10)});
  evaluation.add_image({&present, &absent}, {{counts_of(5), nothing}, {counts_of(2), nothing}});
  const EvaluationResult result = evaluation.result();
  EXPECT_EQ(result.images, 1U);
  EXPECT_EQ(result.summaries.at(1).samples, 1U);
  EXPECT_EQ(result.summaries.at(1).absent, 1U);
  ASSERT_EQ(evaluation.outcomes().size(), 2U);
  EXPECT_EQ(evaluation.outcomes()[0].phrase, "red car");
  EXPECT_EQ(evaluation.outcomes()[0].iou_half, (std::vector<double>{5.0 / 6, 2.0 / 6}));
  EXPECT_TRUE(evaluation.outcomes()[1].absent);
  EXPECT_EQ(evaluation.outcomes()[1].finds_nothing, (std::vector<bool>{true, true}));
}

TEST(Evaluation, WithoutObjectsThereIsNothingToCompare) {
  Evaluation evaluation({"a", "b"});
  const Sample sample{"0", "a.png", "x", {}};
  const PixelCounts nothing = count_pixels({1, 1, {0}}, {1, 1, {0}});
  evaluation.add_image({&sample}, {{nothing}, {nothing}});
  EXPECT_TRUE(evaluation.comparisons().empty());
  EXPECT_EQ(evaluation.result().images, 0U);
}

}  // namespace
}  // namespace ldznet

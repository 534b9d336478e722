#include "data/metrics.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

TEST(Metrics, APixelIsPositiveAboveTheThresholdOnly) {
  const Probability probability{4, 1, {0.5F, 0.51F, 0.02F, 1.0F}};
  const PixelCounts counts = count_pixels(probability, {4, 1, {1, 1, 1, 0}});
  EXPECT_EQ(counts.positives, 3);
  EXPECT_EQ(counts.tp[0], 2);        // 0.02 is not greater than 0.02
  EXPECT_EQ(counts.tp[kAtHalf], 1);  // nor 0.5 than 0.5
  EXPECT_EQ(counts.fp[kThresholds - 1], 1);
  EXPECT_DOUBLE_EQ(counts.iou(kAtHalf), 1.0 / 5);  // tp 1, fp 1, fn 2, and one
}

TEST(Metrics, AbsentObjectsCountApart) {
  Metrics metrics;
  std::vector<float> values(2000, 0.1F);
  values[0] = 0.9F;  // one pixel of 2000 is below 0.1 %
  const Mask nothing{2000, 1, std::vector<std::uint8_t>(2000)};
  metrics.add(count_pixels({2000, 1, values}, nothing));
  values[1] = 0.9F;  // two are not
  metrics.add(count_pixels({2000, 1, values}, nothing));
  const Summary summary = metrics.summary();
  EXPECT_EQ(summary.samples, 0U);
  EXPECT_EQ(summary.absent, 2U);
  EXPECT_DOUBLE_EQ(summary.absent_accuracy.value(), 0.5);
}

TEST(Metrics, SimpsonIsExactForParabolas) {
  const std::vector<double> x = {0, 0.3, 0.5, 1.2, 2.0};
  std::vector<double> y;
  for (const double v : x) y.push_back(3 * v * v - v + 2);
  EXPECT_NEAR(simpson(x, y), 8 - 2 + 4, 1e-12);
  EXPECT_NEAR(simpson({0, 0.3, 0.5, 1.2}, {y[0], y[1], y[2], y[3]}), 1.728 - 0.72 + 2.4, 1e-12);
  EXPECT_NEAR(simpson({0, 2}, {1, 3}), 4, 1e-12);
  EXPECT_EQ(simpson({1}, {1}), 0);
}

}  // namespace
}  // namespace ldznet

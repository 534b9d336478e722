#include "znet/probability_maps.h"

#include <gtest/gtest.h>

#include <utility>

namespace ldznet {
namespace {

TEST(ProbabilityMaps, HalfPixelCentres) {
  const Probability map = to_probability_map(at::tensor({1.0F, 0.5F}).view({1, 1, 1, 2}), 4, 2);
  EXPECT_EQ(map.width, 4);
  EXPECT_EQ(map.height, 2);
  EXPECT_EQ(map.values, (std::vector<float>{1, 0.875F, 0.625F, 0.5F, 1, 0.875F, 0.625F, 0.5F}));
}

TEST(ProbabilityMaps, AgreeWithTheOtherResize) {
  // Both compute a pixel's source position, up to 90, in float32: weights differ by up to 90 * 2^-24 or so.
  constexpr float kTolerance = 1e-5F;
  at::manual_seed(1);
  const at::Tensor random = at::rand({1, 1, 23, 17});
  const auto* values = random.const_data_ptr<float>();
  const Probability map{17, 23, std::vector<float>(values, values + random.numel())};
  for (const auto& [width, height] : {std::pair{40, 31}, {17, 23}, {5, 7}, {1, 90}}) {
    const Probability one = to_probability_map(random, width, height), other = resize(map, width, height);
    ASSERT_EQ(one.values.size(), other.values.size());
    for (std::size_t i = 0; i < one.values.size(); ++i) ASSERT_NEAR(one.values[i], other.values[i], kTolerance) << i;
  }
}

}  // namespace
}  // namespace ldznet

#include "noise/noise_draws.h"

#include <gtest/gtest.h>

#include <utility>

namespace ldznet {
namespace {

using Draws = std::vector<std::pair<int, std::uint64_t>>;

/// Timestep and seed of every draw, for a bundle whose timestep is 400 and whose range is [300, 500).
Draws planned(const SegmentOptions& options) {
  Draws draws;
  for (const NoiseDraw& draw : plan_noise_draws({}, options)) draws.emplace_back(draw.timestep, draw.seed);
  return draws;
}

SegmentOptions options(std::uint64_t seed, int samples) {
  SegmentOptions options;
  options.seed = seed;
  options.samples = samples;
  return options;
}

TEST(NoiseDraws, OneUsesTheBundlesTimestep) {
  EXPECT_EQ(planned({}), (Draws{{400, 0}}));
  EXPECT_EQ(planned(options(7, 1)), (Draws{{400, 7}}));
}

TEST(NoiseDraws, SeveralAreSpreadOverTheRange) {
  EXPECT_EQ(planned(options(5, 2)), (Draws{{350, 5}, {450, 6}}));
  EXPECT_EQ(planned(options(0, 3)), (Draws{{333, 0}, {400, 1}, {466, 2}}));
}

TEST(NoiseDraws, AGivenTimestepHoldsForAll) {
  SegmentOptions given = options(0, 2);
  given.timestep = 0;
  EXPECT_EQ(planned(given), (Draws{{0, 0}, {0, 1}}));
}

}  // namespace
}  // namespace ldznet

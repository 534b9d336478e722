#include "cli/process/load_pipeline.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace ldznet::cli {
namespace {

TEST(LoadPipeline, TimestepsOutsideTheRangeOfTrainingGetAWarning) {
  Manifest manifest;
  manifest.default_method = "ldznet";
  manifest.timestep_low = 50;
  manifest.timestep_high = 150;
  EXPECT_EQ(timestep_range_text(manifest), "50 <= t < 150");
  const auto warns = [&](std::optional<int> timestep, const std::string& method = "") {
    SegmentOptions options;
    options.timestep = timestep;
    options.method = method;
    return warn_about_timestep(options, manifest);
  };
  EXPECT_FALSE(warns({}));
  EXPECT_TRUE(warns(49));
  EXPECT_FALSE(warns(50));
  EXPECT_FALSE(warns(149));
  EXPECT_TRUE(warns(150));
  EXPECT_FALSE(warns(150, "znet")) << "it reads no features";
}

}  // namespace
}  // namespace ldznet::cli

#include "probe/probe_result.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ldznet {
namespace {

ProbeResult result() {
  ProbeResult result;
  result.dataset = "zo\xff";
  result.folder = "sets/zoo";
  result.dimensions = 12;
  result.fitted_images = 3;
  result.tested_images = 2;
  result.tested_samples = 9;
  result.absent_samples = 1;
  result.timesteps = {50, 600};
  result.features = {{"middle_block.1", 64, {0.6366, 0.5}}, {"output_blocks.1.1", 32, {0.25, 1}}};
  return result;
}

TEST(ProbeResult, TableIsInPercent) {
  EXPECT_EQ(probe_table(result()),
            "block\tt=50\tt=600\n"
            "middle_block.1\t63.7\t50.0\n"
            "output_blocks.1.1\t25.0\t100.0\n");
}

TEST(ProbeResult, JsonHoldsEverything) {
  const std::string text = probe_json(result());
  EXPECT_TRUE(text.ends_with("}\n"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["schema"], "ldznet-probe/1");
  EXPECT_EQ(json["dataset"]["name"], "zo\uFFFD");
  EXPECT_EQ(json["images"], (nlohmann::json{{"fitted", 3}, {"tested", 2}}));
  EXPECT_EQ(json["samples"], (nlohmann::json{{"tested", 9}, {"absent", 1}}));
  EXPECT_EQ(json["features"][1]["channels"], 32);
  EXPECT_EQ(json["features"][0]["ap"], (std::vector<double>{0.6366, 0.5}));
}

}  // namespace
}  // namespace ldznet

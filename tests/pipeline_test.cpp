#include "ldznet/pipeline.h"

#include <gtest/gtest.h>

#include <future>

#include "support/pipelines.h"

namespace ldznet {
namespace {

using namespace test;

TEST(Pipeline, OneMapPerPromptAtTheImagesSize) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu({"ldznet", "znet", "rgbnet"}));
  const std::vector<std::string> prompts = {"panda", "dog"};
  for (const auto& [width, height] : {std::pair{128, 128}, {200, 150}, {37, 211}, {1, 1}, {1, 700}, {640, 64}}) {
    const EncodedImage image = pipeline.encode(picture(width, height));
    for (const char* method : {"ldznet", "znet", "rgbnet"}) {
      SegmentOptions options;
      options.method = method;
      const auto maps = pipeline.segment(image, prompts, options);
      ASSERT_EQ(maps.size(), 2u);
      for (const Probability& map : maps) {
        EXPECT_EQ(map.width, width);
        EXPECT_EQ(map.height, height);
        ASSERT_EQ(map.values.size(), static_cast<std::size_t>(width) * height);
        for (const float value : map.values) ASSERT_TRUE(value >= 0 && value <= 1) << value;
      }
      EXPECT_GT(distance(maps[0], maps[1]), 1e-4) << method << ": the prompt makes no difference";
    }
  }
  EXPECT_TRUE(pipeline.segment(pipeline.encode(picture(64, 64)), {}).empty());
}

TEST(Pipeline, TheSameCallGivesTheSameBytes) {
  const std::vector<std::string> prompts = {"panda", "dog", "a panda"};
  const Pipeline first = Pipeline::load(toy().directory(), cpu());
  const auto expected = first.segment(first.encode(picture(150, 90)), prompts);
  for (int i = 0; i < 4; ++i) {
    const Pipeline again = Pipeline::load(toy().directory(), cpu());
    if (i % 2 == 1) again.segment(again.encode(picture(64, 64)), std::span(prompts).subspan(1));
    const auto maps = again.segment(again.encode(picture(150, 90)), prompts);
    for (std::size_t k = 0; k < prompts.size(); ++k) EXPECT_EQ(maps[k].values, expected[k].values) << i << " " << k;
  }
}

TEST(Pipeline, SeveralThreadsShareOne) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const auto maps_of = [&](int width) {
    std::vector<Probability> maps;
    for (const char* prompt : {"panda", "dog", "a panda"})
      maps.push_back(segment(pipeline, pipeline.encode(picture(width, 90)), prompt));
    return maps;
  };
  const std::vector<int> widths = {64, 150, 200};
  std::vector<std::future<std::vector<Probability>>> together;
  for (const int width : widths) together.push_back(std::async(std::launch::async, maps_of, width));
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const auto maps = together[i].get(), alone = maps_of(widths[i]);
    for (std::size_t k = 0; k < maps.size(); ++k) EXPECT_EQ(maps[k].values, alone[k].values) << widths[i] << " " << k;
  }
}

TEST(Pipeline, BatchesEqualSingles) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu({"ldznet", "znet", "rgbnet"}));
  const EncodedImage image = pipeline.encode(picture(100, 160));
  const std::vector<std::string> prompts = {"panda", "dog", "red", "a b", "z"};
  for (const char* method : {"ldznet", "znet", "rgbnet"}) {
    SegmentOptions options;
    options.method = method;
    std::vector<Probability> singles;
    for (const std::string& prompt : prompts) singles.push_back(segment(pipeline, image, prompt, options));
    for (const int size : {1, 2, 5, 8}) {
      options.batch_size = size;
      const auto maps = pipeline.segment(image, prompts, options);
      ASSERT_EQ(maps.size(), prompts.size());
      for (std::size_t i = 0; i < prompts.size(); ++i) EXPECT_LE(distance(maps[i], singles[i]), 1e-5) << method << size;
    }
  }
}

TEST(Pipeline, SamplesSpreadOverTheRange) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const EncodedImage image = pipeline.encode(picture(64, 64));
  SegmentOptions options;
  options.seed = 5;
  options.samples = 3;
  const Probability mean = segment(pipeline, image, "panda", options);
  std::vector<Probability> draws;
  // The range [300, 500) in three equal parts: their middles are 333.3, 400 and 466.7.
  for (const auto& [timestep, seed] : {std::pair{333, 5}, {400, 6}, {466, 7}}) {
    SegmentOptions one;
    one.timestep = timestep;
    one.seed = static_cast<std::uint64_t>(seed);
    draws.push_back(segment(pipeline, image, "panda", one));
  }
  ASSERT_GT(distance(draws[0], draws[1]), 1e-3);
  Probability expected = mean;
  for (std::size_t i = 0; i < expected.values.size(); ++i)
    expected.values[i] = (draws[0].values[i] + draws[1].values[i] + draws[2].values[i]) / 3;
  EXPECT_LE(distance(mean, expected), 1e-6);
}

TEST(Pipeline, ANamedTimestepHoldsForAllSamples) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const EncodedImage image = pipeline.encode(picture(64, 64));
  SegmentOptions options;
  options.timestep = 100;
  const Probability first = segment(pipeline, image, "dog", options);
  options.seed = 1;
  const Probability second = segment(pipeline, image, "dog", options);
  options.seed = 0;
  options.samples = 2;
  Probability expected = first;
  for (std::size_t i = 0; i < expected.values.size(); ++i)
    expected.values[i] = (first.values[i] + second.values[i]) / 2;
  EXPECT_LE(distance(segment(pipeline, image, "dog", options), expected), 1e-6);
}

TEST(Pipeline, TheDefaultTimestepIsTheBundles) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const EncodedImage image = pipeline.encode(picture(64, 64));
  SegmentOptions options;
  options.timestep = 400;
  EXPECT_EQ(segment(pipeline, image, "dog").values, segment(pipeline, image, "dog", options).values);
  options.timestep = 401;
  EXPECT_NE(segment(pipeline, image, "dog").values, segment(pipeline, image, "dog", options).values);
}

TEST(Pipeline, FeaturesOfTheEmptyPromptAreShared) {
  const ToyBundle bundle;
  // Logits from the features alone, so that two prompts differ only where their features do.
  bundle.replace_network("ldznet.pt", R"(
def forward(self, z, context, features: List[Tensor]):
    b = torch.upsample_nearest2d(features[1], [8 * z.size(2), 8 * z.size(3)])
    return torch.mean(b, [1], True).expand(z.size(0), -1, -1, -1)
)");
  const std::vector<std::string> prompts = {"panda", "dog", "red"};
  const auto maps = [&] {
    const Pipeline pipeline = Pipeline::load(bundle.directory(), cpu());
    SegmentOptions options;
    options.batch_size = 2;
    options.samples = 2;
    return pipeline.segment(pipeline.encode(picture(64, 64)), prompts, options);
  };
  const auto own = maps();
  EXPECT_GT(distance(own[0], own[1]), 1e-4);
  nlohmann::json manifest = bundle.manifest();
  manifest["unet_context"] = "empty";
  bundle.save_manifest(manifest);
  const auto shared = maps();
  EXPECT_EQ(shared[0].values, shared[1].values);
  EXPECT_LE(distance(shared[0], shared[2]), 1e-6);
  EXPECT_GT(distance(shared[0], own[0]), 1e-4);
}

TEST(Pipeline, HeadsWithoutNoiseDoNotSeeTheSeed) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu({"znet"}));
  const EncodedImage image = pipeline.encode(picture(64, 64));
  SegmentOptions options;
  options.seed = 9;
  options.samples = 4;
  EXPECT_EQ(segment(pipeline, image, "dog").values, segment(pipeline, image, "dog", options).values);
}

TEST(Pipeline, TheWorkingSizeIsAnOption) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const Image image = picture(256, 256);
  EncodeOptions small, usual;
  small.size = 64;
  usual.size = 128;
  const Probability expected = segment(pipeline, pipeline.encode(image), "dog");
  EXPECT_EQ(segment(pipeline, pipeline.encode(image, usual), "dog").values, expected.values);
  EXPECT_NE(segment(pipeline, pipeline.encode(image, small), "dog").values, expected.values);
  for (const int size : {-1, 1 << 20}) {
    EncodeOptions options;
    options.size = size;
    EXPECT_EQ(refusal([&] { pipeline.encode(image, options); }), ErrorCode::usage) << size;
  }
}

TEST(Pipeline, TimesEveryStage) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  StageCosts costs;
  const EncodedImage image = pipeline.encode(picture(300, 300), {}, &costs);
  const std::vector<std::string> prompts = {"panda"};
  pipeline.segment(image, prompts, {}, &costs);
  for (const auto stage :
       {&Stages::preprocess, &Stages::vae, &Stages::text, &Stages::unet, &Stages::znet, &Stages::resize})
    EXPECT_GT(costs.ms.*stage, 0);
  EXPECT_EQ(costs.ms.decode, 0);
  EXPECT_EQ(costs.ms.write, 0);
  EXPECT_EQ(costs.flop.vae, 0) << "counted without being asked to";
}

TEST(Pipeline, Tokenizes) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  bool truncated = true;
  const auto ids = pipeline.tokenize("panda dog", &truncated);
  // 512 byte symbols, then the merges in order: "panda</w>" is the fourth, "dog</w>" the sixth; then start and end.
  ASSERT_EQ(ids.size(), 16u);
  EXPECT_EQ(std::vector<std::int64_t>(ids.begin(), ids.begin() + 5),
            (std::vector<std::int64_t>{518, 515, 517, 519, 519}));
  EXPECT_EQ(ids.back(), 519);
  EXPECT_FALSE(truncated);
  pipeline.tokenize(std::string(100, 'x') + " y z", &truncated);
  EXPECT_TRUE(truncated);
}

}  // namespace
}  // namespace ldznet

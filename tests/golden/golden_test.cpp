// Compares the C++ networks with the published modules' outputs for the same weights (tests/golden/checkpoints.py).

#include "support/golden.h"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bundle/flop_counter.h"
#include "latent/vae_encoder.h"
#include "ldznet/pipeline.h"
#include "noise/noise_schedule.h"
#include "text/text_encoder.h"
#include "unet/unet.h"
#include "znet/heads.h"

namespace ldznet {
namespace {

const std::string kPrompt = "a photo of a red panda";  // golden.npz has its ids in the bundle's vocabulary
constexpr int kTimestep = 400;
constexpr std::uint64_t kSeed = 7;

/// An environment variable, or a default. scripts/gpu_check.sh sets LDZNET_GOLDEN_DEVICE and LDZNET_GOLDEN_PRECISION.
std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

/// The largest difference as a share of a tensor's range. bf16's is measured (0.17 from end to end on a CPU); fp16 has
/// three more bits.
double allowed(const std::string& precision) {
  if (precision == "bf16") return 0.3;
  return precision == "fp16" ? 0.3 / 8 : 1e-4;
}

class Golden : public ::testing::Test {
 protected:
  void SetUp() override {
    bundle_ = golden_folder() / "bundle";
    source_ = {bundle_, read_manifest(bundle_), resolve_backend(device_, precision_)};
    make_deterministic(source_.backend);
  }

  /// Prints max|diff| and checks that it is at most `tolerance` of the expected tensor's range.
  static void compare(const std::string& stage, const at::Tensor& actual, const at::Tensor& expected,
                      double tolerance) {
    ASSERT_EQ(actual.sizes(), expected.sizes()) << stage;
    const double difference = (actual.cpu() - expected).abs().max().item<double>();
    const double range = (expected.max() - expected.min()).item<double>();
    std::printf("%-22s max|diff| %.3g of a range of %.3g\n", stage.c_str(), difference, range);
    EXPECT_LE(difference, tolerance * range) << stage;
  }

  /// The same for the outputs of networks, with what their precision allows.
  void compare(const std::string& stage, const at::Tensor& actual, const at::Tensor& expected) const {
    compare(stage, actual, expected, allowed(precision_));
  }

  const std::string device_ = environment("LDZNET_GOLDEN_DEVICE", "cpu");
  const std::string precision_ = environment("LDZNET_GOLDEN_PRECISION", "fp32");

  std::filesystem::path bundle_;
  NetworkSource source_;
  const c10::InferenceMode inference_;
};

TEST_F(Golden, Context) {
  const TextEncoder text(source_);
  const auto ids = text.tokenizer().encode(kPrompt);
  EXPECT_TRUE(at::tensor(ids, at::kLong).unsqueeze(0).equal(golden("token_ids")));
  compare("context", text.context(std::span(&kPrompt, 1)), golden("context"));
}

TEST_F(Golden, Latent) {
  const VaeEncoder vae(source_);
  compare("moments", vae.moments(golden("image")), golden("moments"));
  compare("z", vae.encode(golden("image")), golden("z"));
}

TEST_F(Golden, Noise) {
  const NoiseSchedule schedule(source_.manifest);
  const at::Tensor noise = make_noise(kSeed, golden("z"));
  compare("noise", noise, golden("noise"), 0);
  compare("z_t", schedule.add_noise(golden("z"), noise, kTimestep), golden("z_t"), 1e-7);
}

TEST_F(Golden, Features) {
  const Taps taps = UNet(source_).taps(golden("z_t"), kTimestep, golden("context"));
  ASSERT_EQ(taps.size(), 5u);
  for (int i = 0; i < 5; ++i)
    compare("tap " + source_.manifest.taps[i], taps[i], golden("features_" + std::to_string(i + 5)));

  const auto all =
      Network(source_, "unet.pt", {"forward", "all_features"})
          .call_list("all_features", {golden("z_t"), at::full({1}, kTimestep, at::kLong), golden("context")});
  ASSERT_EQ(all.size(), source_.manifest.features.size());
  ASSERT_EQ(all.size(), 16u);
  for (int i = 0; i < 16; ++i)
    compare("feature " + source_.manifest.features[i], all[i], golden("features_" + std::to_string(i)));
}

TEST_F(Golden, Logits) {
  HeadInputs inputs{golden("image"), golden("z"), golden("context"), {}};
  for (int i = 5; i < 10; ++i) inputs.taps.push_back(golden("features_" + std::to_string(i)));
  const at::Tensor logits = Head(source_, "ldznet").logits(inputs);
  compare("logits", logits, golden("logits_znet_ema"));
  compare("probability", logits.sigmoid()[0][0], golden("probability"));
}

/// Sharing inputs among prompts changes no result and saves operations.
TEST_F(Golden, SharedByPrompts) {
  ASSERT_TRUE(source_.manifest.shared_inputs);
  NetworkSource repeated = source_;
  repeated.manifest.shared_inputs = false;
  const at::Tensor context = at::cat({golden("context"), golden("context").flip(1)});
  const HeadInputs inputs{golden("image"), golden("z"), context,
                          UNet(repeated).taps(golden("z_t"), kTimestep, context)};
  double flop[2];
  const auto run = [&](const NetworkSource& source, double& count) {
    const UNet unet(source);
    const Head head(source, "ldznet");
    const FlopCounter counter;
    std::vector<at::Tensor> outputs = unet.taps(golden("z_t"), kTimestep, context);
    outputs.push_back(head.logits(inputs));
    count = counter.flop();
    return outputs;
  };
  const auto once = run(source_, flop[0]), twice = run(repeated, flop[1]);
  for (std::size_t i = 0; i < once.size(); ++i) compare("shared " + std::to_string(i), once[i], twice[i].cpu());
  EXPECT_LT(flop[0], 0.99 * flop[1]);
}

/// From prompt and picture to probability, alone and together with a second prompt.
TEST_F(Golden, EndToEnd) {
  const at::Tensor x = golden("image")[0];
  const at::Tensor pixels = ((x + 1) * 127.5).round().permute({1, 2, 0}).contiguous().to(at::kByte);
  Image image{static_cast<int>(x.size(2)), static_cast<int>(x.size(1)), {}, {}};
  image.rgb.assign(pixels.data_ptr<std::uint8_t>(), pixels.data_ptr<std::uint8_t>() + pixels.numel());

  LoadOptions load;
  load.device = device_;
  load.precision = precision_;
  const Pipeline pipeline = Pipeline::load(bundle_, load);
  EncodeOptions encode;
  encode.size = 222;  // the picture's own area, 192 x 256, so that nothing is resized
  SegmentOptions options;
  options.timestep = kTimestep;
  options.seed = kSeed;
  const EncodedImage encoded = pipeline.encode(image, encode);
  const std::vector<std::string> prompts = {"red", kPrompt};
  const auto pair = pipeline.segment(encoded, prompts, options);
  const auto single = pipeline.segment(encoded, std::span(&kPrompt, 1), options);
  for (const Probability* map : {&pair[1], &single[0]}) {
    const at::Tensor probability = at::tensor(at::ArrayRef<float>(map->values)).view({map->height, map->width});
    compare("end to end", probability, golden("probability"));
    const double mean = (probability - golden("probability")).abs().mean().item<double>();
    std::printf("%-22s mean|diff| %.3g\n", "end to end", mean);
    EXPECT_LE(mean, std::max(1e-4, allowed(precision_) / 10));
  }
}

}  // namespace
}  // namespace ldznet

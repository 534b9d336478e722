#include <gtest/gtest.h>

#include "ldznet/pipeline.h"
#include "support/pipelines.h"

namespace ldznet {
namespace {

using namespace test;

TEST(Pipeline, OnlyWhatAMethodNeedsIsLoaded) {
  const ToyBundle bundle;
  std::filesystem::remove(bundle.directory() / "unet.pt");
  std::filesystem::remove(bundle.directory() / "ldznet.pt");
  std::filesystem::remove(bundle.directory() / "rgbnet.pt");
  EXPECT_EQ(refusal([&] { Pipeline::load(bundle.directory(), cpu()); }), ErrorCode::bad_config);
  const Pipeline znet = Pipeline::load(bundle.directory(), cpu({"znet"}));
  EXPECT_EQ(segment(znet, znet.encode(picture(64, 64)), "dog").width, 64);

  const ToyBundle other;
  for (const char* file : {"unet.pt", "ldznet.pt", "znet.pt", "vae_encoder.pt"})
    std::filesystem::remove(other.directory() / file);
  const Pipeline rgbnet = Pipeline::load(other.directory(), cpu({"rgbnet", "rgbnet"}));
  EXPECT_EQ(segment(rgbnet, rgbnet.encode(picture(64, 64)), "dog").width, 64);
}

TEST(Pipeline, WrongOptionsAreUsageErrors) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const EncodedImage image = pipeline.encode(picture(64, 64));
  const auto refused = [&](auto change, const std::string& prompt = "dog") {
    SegmentOptions options;
    change(options);
    return refusal([&] { segment(pipeline, image, prompt, options); });
  };
  EXPECT_EQ(refused([](SegmentOptions& o) { o.timestep = -1; }), ErrorCode::usage);
  EXPECT_EQ(refused([](SegmentOptions& o) { o.timestep = 1000; }), ErrorCode::usage);
  EXPECT_EQ(refused([](SegmentOptions& o) { o.samples = 0; }), ErrorCode::usage);
  EXPECT_EQ(refused([](SegmentOptions& o) { o.batch_size = 0; }), ErrorCode::usage);
  EXPECT_EQ(refused([](SegmentOptions& o) { o.method = "znet"; }), ErrorCode::usage) << "in the bundle, not loaded";
  EXPECT_EQ(refused([](SegmentOptions& o) { o.method = "sam"; }), ErrorCode::usage);
  EXPECT_EQ(refused([](SegmentOptions&) {}, ""), ErrorCode::usage);
  EXPECT_EQ(refused([](SegmentOptions&) {}, " \n"), ErrorCode::usage);
  EXPECT_EQ(refusal([] { Pipeline::load(toy().directory(), cpu({"sam"})); }), ErrorCode::usage);
  EXPECT_EQ(refusal([] { Pipeline::load("/nowhere", cpu()); }), ErrorCode::missing_input);
}

TEST(Pipeline, ChangedFilesAreRefusedUnlessTrusted) {
  for (const char* file : {"vae_encoder.pt", "text_encoder.pt", "unet.pt", "ldznet.pt", "vocab.json", "merges.txt"}) {
    const ToyBundle bundle;
    nlohmann::json manifest = bundle.manifest();
    manifest["files"][file]["sha256"] = std::string(64, '0');
    bundle.save_manifest(manifest);
    LoadOptions options = cpu();
    EXPECT_EQ(refusal([&] { Pipeline::load(bundle.directory(), options); }), ErrorCode::bad_config) << file;
    options.trust_unverified = true;
    EXPECT_NO_THROW(Pipeline::load(bundle.directory(), options)) << file;
  }
}

TEST(Pipeline, NetworksThatDoNotFitTheirManifest) {
  const auto answer_of = [](const std::string& file, const std::string& methods) {
    const ToyBundle bundle;
    bundle.replace_network(file, methods);
    return refusal([&] {
      const Pipeline pipeline = Pipeline::load(bundle.directory(), cpu());
      segment(pipeline, pipeline.encode(picture(64, 64)), "dog");
    });
  };
  EXPECT_EQ(answer_of("vae_encoder.pt", "def forward(self, image):\n    return image\n"), ErrorCode::bad_config);
  EXPECT_EQ(answer_of("unet.pt", "def forward(self, z, t, c) -> List[Tensor]:\n    return [z]\n"),
            ErrorCode::bad_config);
  EXPECT_EQ(answer_of("ldznet.pt", "def forward(self, z, c, f: List[Tensor]):\n    return z\n"), ErrorCode::bad_config);
  EXPECT_EQ(answer_of("ldznet.pt", R"(
def forward(self, z, c, f: List[Tensor]):
    return torch.full([1, 1, 8 * z.size(2), 8 * z.size(3)], float("nan"))
)"),
            ErrorCode::bad_config);
  EXPECT_EQ(answer_of("unet.pt", "def forward(self, z, t, c) -> List[Tensor]:\n    return [z, z[0]]\n"),
            ErrorCode::bad_config);
  EXPECT_EQ(answer_of("text_encoder.pt", "def forward(self, ids):\n    return torch.sum(ids)\n"),
            ErrorCode::bad_config);
  EXPECT_EQ(answer_of("ldznet.pt", R"(
def forward(self, z, c, f: List[Tensor]):
    return torch.zeros([1 << 30, 1 << 22])
)"),
            ErrorCode::out_of_memory);
}

TEST(Pipeline, SaysWhatItRunsOn) {
  LoadOptions options = cpu();
  options.precision = "bf16";
  const Pipeline pipeline = Pipeline::load(toy().directory(), options);
  EXPECT_EQ(pipeline.device(), "cpu");
  EXPECT_EQ(pipeline.precision(), "bf16");
  EXPECT_EQ(pipeline.manifest().name, "toy");
  const Pipeline exact = Pipeline::load(toy().directory(), cpu());
  const Image image = picture(128, 128);
  EXPECT_LE(distance(segment(pipeline, pipeline.encode(image), "dog"), segment(exact, exact.encode(image), "dog")),
            0.05);
}

}  // namespace
}  // namespace ldznet

#include "bundle/loader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

#include "ldznet/error.h"
#include "support/errors.h"
#include "support/toy_source.h"

namespace ldznet {
namespace {

using test::error_of;
using test::source_of;
using test::ToyBundle;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Loader, ConvertsWeightsAndKeepsIntegerBuffers) {
  const ToyBundle bundle;
  for (const auto& [precision, dtype] : {std::pair{"fp32", at::kFloat}, {"bf16", at::kBFloat16}}) {
    const Network network(source_of(bundle, precision), "text_encoder.pt");
    const at::Tensor context = network.forward({at::tensor({1, 2, 2, 3}, at::kLong).view({2, 2})});
    EXPECT_EQ(context.scalar_type(), dtype);
    EXPECT_EQ(context.sizes(), at::IntArrayRef({2, 2, 4}));
    EXPECT_TRUE(context[0][1].equal(context[1][0]));
    EXPECT_FALSE(context.requires_grad());
  }
}

TEST(Loader, ConvertsInputsToThePrecision) {
  const ToyBundle bundle;
  bundle.replace_network("unet.pt", R"(
def forward(self, x, n, list: List[Tensor]) -> List[Tensor]:
    return [x, n] + list
)");
  const Network network(source_of(bundle, "bf16"), "unet.pt");
  const auto output = network.call_list(
      "forward", {at::ones({2}), at::tensor({7}, at::kLong), std::vector<at::Tensor>{at::ones({1}, at::kDouble)}});
  ASSERT_EQ(output.size(), 3u);
  EXPECT_EQ(output[0].scalar_type(), at::kBFloat16);
  EXPECT_EQ(output[1].scalar_type(), at::kLong);
  EXPECT_EQ(output[2].scalar_type(), at::kBFloat16);
}

TEST(Loader, NothingOfTheFileIsInUseAfterwards) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  const at::Tensor values = at::arange(100'000, at::kFloat);
  module.register_parameter("parameter", values, false);
  module.register_buffer("buffer", values + 1);
  c10::List<at::Tensor> list;
  list.push_back(values + 2);
  module.register_attribute("list", c10::ListType::ofTensors(), list);
  module.define("def forward(self, x):\n    return self.parameter + self.buffer + self.list[0] + x\n");
  std::ostringstream archive;
  module.save(archive);
  bundle.replace("unet.pt", archive.str());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a fresh file would be copied
  const Network network(source_of(bundle), "unet.pt");
  bundle.write("unet.pt", std::string(archive.str().size(), '\0'));
  EXPECT_TRUE(network.forward({at::zeros({1})}).equal(3 * values + 3));
  std::filesystem::resize_file(bundle.directory() / "unet.pt", 0);
  EXPECT_TRUE(network.forward({at::zeros({1})}).equal(3 * values + 3));
}

TEST(Loader, RefusesChangedFiles) {
  const ToyBundle bundle;
  const NetworkSource source = source_of(bundle);
  std::string content = bundle.read("znet.pt");
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 64);
  bundle.write("znet.pt", content);
  const Error error = error_of([&] { Network(source, "znet.pt"); });
  EXPECT_EQ(error.code(), ErrorCode::bad_config);
  EXPECT_TRUE(contains(error.what(), "znet.pt has sha256")) << error.what();
}

TEST(Loader, LoadsChangedFilesWhenTrusted) {
  const ToyBundle bundle;
  NetworkSource source = source_of(bundle);
  bundle.write("znet.pt", bundle.read("rgbnet.pt"));
  EXPECT_THROW(Network(source, "znet.pt"), Error);
  source.verification.on_mismatch = OnMismatch::warn;
  EXPECT_NO_THROW(Network(source, "znet.pt"));
}

TEST(Loader, RefusesFilesThatAreNotArchives) {
  const ToyBundle bundle;
  const std::string archive = bundle.read("znet.pt");
  for (const std::string& content :
       {std::string(), std::string("no archive"), std::string(100000, '\0'), archive.substr(0, archive.size() / 2),
        archive.substr(archive.size() / 2), std::string("PK\x03\x04") + std::string(200, 'x')}) {
    bundle.replace("znet.pt", content);
    const Error error = error_of([&] { Network(source_of(bundle), "znet.pt"); });
    EXPECT_EQ(error.code(), ErrorCode::bad_config) << content.size();
    EXPECT_TRUE(contains(error.what(), "znet.pt")) << error.what();
    EXPECT_FALSE(contains(error.what(), "\n")) << error.what();
  }
}

TEST(Loader, RefusesOutputsOfTheWrongType) {
  const ToyBundle bundle;
  bundle.replace_network("znet.pt", "def helper(self, x):\n    return x\n");
  EXPECT_TRUE(contains(error_of([&] { Network(source_of(bundle), "znet.pt"); }).what(), "no method forward"));
  bundle.replace_network("znet.pt", "def forward(self, x):\n    return [x]\n");
  const Network network(source_of(bundle), "znet.pt");
  EXPECT_EQ(error_of([&] { network.forward({at::ones({1})}); }).code(), ErrorCode::bad_config);
  EXPECT_EQ(error_of([&] { network.call_list("all_features", {}); }).code(), ErrorCode::bad_config);
  EXPECT_EQ(network.call_list("forward", {at::ones({1})}).size(), 1u);
}

TEST(Loader, ReportsAFailingOperatorInOneLine) {
  const ToyBundle bundle;
  bundle.replace_network("znet.pt", "def forward(self, x):\n    return torch.matmul(x, x)\n");
  const Network network(source_of(bundle), "znet.pt");
  const Error error = error_of([&] { network.forward({at::ones({2, 3})}); });
  EXPECT_EQ(error.code(), ErrorCode::bad_config);
  EXPECT_TRUE(contains(error.what(), "znet.pt failed for inputs of shapes [2, 3]: ")) << error.what();
  EXPECT_FALSE(contains(error.what(), "\n")) << error.what();
  EXPECT_EQ(error_of([&] { network.forward({}); }).code(), ErrorCode::bad_config);
}

TEST(Loader, ReportsOutOfMemory) {
  const ToyBundle bundle;
  bundle.replace_network("znet.pt", "def forward(self, x):\n    return torch.ones([1 << 30, 1 << 22])\n");
  const Network network(source_of(bundle), "znet.pt");
  const Error error = error_of([&] { network.forward({at::ones({1})}); });
  EXPECT_EQ(error.code(), ErrorCode::out_of_memory) << error.what();
  EXPECT_EQ(error.hint(), "") << "options belong to the command line, which adds the hint";
}

}  // namespace
}  // namespace ldznet

#include "bundle/graph/packed_weights.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "bundle/flop_counter.h"
#include "bundle/graph/graph_passes.h"
#include "compute/convolution.h"
#include "compute/direct_convolution.h"
#include "compute/linear.h"
#include "compute/winograd.h"
#include "support/modules.h"

namespace ldznet {
namespace {

/// A module with `weight` and a bias, and these methods.
torch::jit::Module network(const at::Tensor& weight, const char* methods) {
  torch::jit::Module module("network");
  module.register_parameter("weight", weight.clone(), false);
  module.register_parameter("bias", at::linspace(-1, 1, weight.size(0), weight.options()), false);
  module.define(methods);
  module.eval();
  return module;  // its methods must not be shared with another module: packing changes their graphs
}

torch::jit::Module packed(torch::jit::Module module) {
  use_cpu_operators(module, {at::kCPU, module.attr("weight").toTensor().scalar_type(), "cpu", ""});
  return module;
}

void expect_freed(const torch::jit::Module& module) {
  EXPECT_EQ(module.attr("weight").toTensor().numel(), 0) << "the original weights are still in memory";
}

/// Layers in float32 and bfloat16.
class PackedWeights : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override { at::manual_seed(1); }

  static at::Tensor noise(at::IntArrayRef sizes) { return at::randn(sizes).to(GetParam()); }

  /// Of a layer with so many inputs.
  static at::Tensor weights(at::IntArrayRef sizes) {
    return noise(sizes) / std::sqrt(static_cast<double>(c10::multiply_integers(sizes.slice(1))));
  }

  static void expect_near(const at::Tensor& actual, const at::Tensor& expected) {
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_LT((actual - expected).abs().max().item<double>(), GetParam() == at::kFloat ? 1e-5 : 0.06);
  }
};
INSTANTIATE_TEST_SUITE_P(Types, PackedWeights, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(PackedWeights, OfLinearLayers) {
  const at::Tensor weight = weights({48, 32}), x = noise({2, 5, 32});
  if (!can_pack_linear(weight)) GTEST_SKIP() << "this CPU does not pack weights of linear layers";
  const char* const methods = R"(
def forward(self, x):
    return torch.linear(x, self.weight, self.bias)

def without_bias(self, x):
    return torch.linear(x, self.weight, None)
)";
  const torch::jit::Module plain = network(weight, methods), fast = packed(network(weight, methods));
  EXPECT_EQ(count(fast, "forward", "ldznet::linear"), 1u);
  EXPECT_EQ(fast.buffers().size(), 1u) << "methods share the packed weights";
  expect_freed(fast);
  for (const char* method : {"forward", "without_bias"}) expect_near(run(fast, method, x), run(plain, method, x));
  const FlopCounter counter;
  run(fast, "forward", x);
  EXPECT_EQ(counter.flop(), 2. * 2 * 5 * 32 * 48);
}

TEST_P(PackedWeights, PreparesEachWeightWhenTheOneBeforeIsFreed) {
  const at::Tensor first = weights({48, 32}), second = weights({16, 48}), x = noise({2, 5, 32});
  if (!can_pack_linear(first)) GTEST_SKIP() << "this CPU does not pack weights of linear layers";
  torch::jit::Module module("network");
  module.register_parameter("first", at::ones({48, 32}, at::kChar), false);
  module.register_parameter("second", at::ones({16, 48}, at::kChar), false);
  module.define("def forward(self, x):\n    return torch.linear(torch.linear(x, self.first), self.second)\n");
  const auto weight = [&](const char* name) { return module.attr(name).toTensor(); };
  use_cpu_operators(module, {at::kCPU, GetParam(), "cpu", ""}, {}, [&](const at::Tensor& one) {
    if (one.scalar_type() != at::kChar) return;
    const bool is_first = one.is_same(weight("first"));
    EXPECT_TRUE(is_first || weight("first").numel() == 0);
    one.set_data(is_first ? first : second);
  });
  EXPECT_EQ(count(module, "forward", "ldznet::linear"), 2u);
  EXPECT_EQ(weight("second").numel(), 0);
  expect_near(run(module, "forward", x), at::linear(at::linear(x, first), second));
}

TEST_P(PackedWeights, OfGatedLayers) {
  const at::Tensor weight = weights({96, 32}), x = noise({2, 5, 32});
  if (!can_pack_geglu(weight)) GTEST_SKIP() << "this CPU does not pack weights of linear layers";
  const char* const methods = R"(
def forward(self, x):
    a, b = torch.chunk(torch.linear(x, self.weight, self.bias), 2, -1)
    return torch.mul(a, torch.gelu(b))
)";
  const torch::jit::Module plain = network(weight, methods), fast = packed(network(weight, methods));
  EXPECT_EQ(count(fast, "forward", "ldznet::geglu"), 1u);
  EXPECT_EQ(count(fast, "forward", "aten::gelu"), 0u);
  expect_freed(fast);
  expect_near(run(fast, "forward", x), run(plain, "forward", x));
}

TEST_P(PackedWeights, OfOtherGatesAreThoseOfLinearLayers) {
  const at::Tensor weight = weights({96, 32}), x = noise({2, 5, 32});
  if (!can_pack_geglu(weight)) GTEST_SKIP() << "this CPU does not pack weights of linear layers";
  for (const char* result : {"torch.mul(b, torch.gelu(a))", "torch.mul(a, torch.gelu(b, approximate='tanh'))",
                             "torch.mul(a, torch.gelu(b)) + a", "torch.mul(a, torch.gelu(b)) + torch.gelu(b)"}) {
    const std::string method = std::string(R"(
def forward(self, x):
    a, b = torch.chunk(torch.linear(x, self.weight, self.bias), 2, -1)
    return )") + result + "\n";
    const torch::jit::Module plain = network(weight, method.c_str()), fast = packed(network(weight, method.c_str()));
    EXPECT_EQ(count(fast, "forward", "ldznet::geglu"), 0u) << result;
    EXPECT_EQ(count(fast, "forward", "ldznet::linear"), 1u) << result;
    expect_near(run(fast, "forward", x), run(plain, "forward", x));
  }
}

TEST_P(PackedWeights, OfGatedAndPlainLayersAreThoseOfLinearLayers) {
  const at::Tensor weight = weights({96, 32}), x = noise({2, 5, 32});
  if (!can_pack_geglu(weight)) GTEST_SKIP() << "this CPU does not pack weights of linear layers";
  const char* const methods = R"(
def forward(self, x):
    a, b = torch.chunk(torch.linear(x, self.weight, self.bias), 2, -1)
    if x.size(0) > 1:
        c, d = torch.chunk(torch.linear(x * 2, self.weight, self.bias), 2, -1)
        a = torch.mul(c, torch.gelu(d))
    return torch.mul(a, b)
)";
  const torch::jit::Module plain = network(weight, methods), fast = packed(network(weight, methods));
  EXPECT_EQ(count(fast, "forward", "ldznet::linear"), 2u);
  EXPECT_EQ(count(fast, "forward", "ldznet::geglu"), 0u);
  const auto scale = run(plain, "forward", x).abs().max();
  expect_near(run(fast, "forward", x) / scale, run(plain, "forward", x) / scale);
}

TEST_P(PackedWeights, OfConvolutionsOfOnePixel) {
  const at::Tensor image = weights({48, 32, 1, 1}), line = weights({48, 32, 1});
  if (!can_pack_linear(image)) GTEST_SKIP() << "this CPU does not pack weights of linear layers";
  const char* const on_images = R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, self.bias, [1, 1], [0, 0], [1, 1], 1)
)";
  const char* const on_lines = R"(
def forward(self, x):
    return torch.conv1d(x, self.weight, self.bias, [1], [0], [1], 1)
)";
  for (const auto& [weight, method, x] :
       {std::tuple(image, on_images, noise({2, 32, 3, 5})), std::tuple(line, on_lines, noise({2, 32, 7}))}) {
    const torch::jit::Module plain = network(weight, method), fast = packed(network(weight, method));
    EXPECT_EQ(count(fast, "forward", "ldznet::pointwise"), 1u);
    expect_freed(fast);
    expect_near(run(fast, "forward", x), run(plain, "forward", x));
  }
}

TEST_P(PackedWeights, OfConvolutionsOfThreePixels) {
  const at::Tensor weight = weights({32, 16, 3, 3}), x = noise({2, 16, 9, 12});
  if (!can_winograd(weight)) GTEST_SKIP() << "this CPU does not use Winograd convolutions";
  const char* const methods = R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)
)";
  const torch::jit::Module plain = network(weight, methods), fast = packed(network(weight, methods));
  EXPECT_EQ(count(fast, "forward", "ldznet::winograd"), 1u);
  expect_freed(fast);
  expect_near(run(fast, "forward", x), run(plain, "forward", x));
  const FlopCounter counter;
  run(fast, "forward", x);
  EXPECT_EQ(counter.flop(), 2. * 2 * 9 * 12 * 32 * 16 * 9) << "those of the direct convolution";
}

TEST_P(PackedWeights, OfOtherConvolutions) {
  const at::Tensor weight = weights({384, 320, 3, 3}), x = noise({2, 320, 5, 6});
  if (!can_convolve_direct(weight) && !can_lay_out(weight)) GTEST_SKIP() << "this CPU packs no such weights";
  const char* const methods = R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, None, [2, 1], [1, 0], [1, 1], 1)

def again(self, x):
    return torch.conv2d(x, self.weight, None, [1, 1], [1, 1], [1, 1], 1)
)";
  const torch::jit::Module plain = network(weight, methods), fast = packed(network(weight, methods));
  const char* const used = can_convolve_direct(weight) ? "ldznet::direct_convolution" : "ldznet::convolution";
  EXPECT_EQ(count(fast, "forward", used), 1u);
  expect_freed(fast);
  const FlopCounter counter;
  expect_near(run(fast, "forward", x), run(plain, "forward", x));
  EXPECT_EQ(counter.flop(), 2 * 2. * 3 * 4 * static_cast<double>(weight.numel()) * 2) << "of both, ours and LibTorch's";
  expect_near(run(fast, "again", x), run(plain, "again", x));
}

TEST_P(PackedWeights, AreNotMadeOfWeightsWithOtherUses) {
  const at::Tensor weight = weights({32, 32, 3, 3}), x = noise({1, 32, 9, 12});
  const char* const methods = R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)

def strided(self, x):
    return torch.conv2d(x, self.weight, None, [2, 2], [1, 1], [1, 1], 1)

def itself(self, x):
    return self.weight * 2
)";
  const torch::jit::Module plain = network(weight, methods), kept = packed(network(weight, methods));
  EXPECT_GT(kept.attr("weight").toTensor().numel(), 0);
  for (const char* method : {"forward", "strided", "itself"}) expect_near(run(kept, method, x), run(plain, method, x));
}

TEST_P(PackedWeights, AreNotMadeOfConvolutionsWithNamedPadding) {
  const torch::jit::Module module = packed(network(weights({384, 320, 3, 3}), R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, None, [1, 1], 'same', [1, 1], 1)
)"));
  EXPECT_EQ(run(module, "forward", noise({1, 320, 4, 5})).sizes(), at::IntArrayRef({1, 384, 4, 5}));
}

}  // namespace
}  // namespace ldznet

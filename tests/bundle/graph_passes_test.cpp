#include "bundle/graph_passes.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/api/function_impl.h>

#include "bundle/flop_counter.h"
#include "compute/convolution.h"
#include "compute/cpu.h"
#include "compute/winograd.h"

namespace ldznet {
namespace {

constexpr const char* kMethods = R"(
def forward(self, x):
    x = torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)
    return torch.silu(torch.group_norm(x, 4, self.scale, self.bias, 1e-5, True))

def mixed(self, x):
    x = torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)
    return torch.group_norm(x, 4, self.scale, self.bias, 1e-5, True) + torch.conv2d(x, self.weight, None, [2, 2], [1, 1], [1, 1], 1).sum()
)";

torch::jit::Module network(at::ScalarType type, const char* methods = kMethods) {
  at::manual_seed(1);
  torch::jit::Module module("network");
  const auto weights = [&](const char* name, const at::Tensor& values) {
    const at::Tensor typed = values.to(type);
    module.register_parameter(name, values.dim() == 4 ? typed.contiguous(at::MemoryFormat::ChannelsLast) : typed,
                              false);
  };
  weights("weight", at::randn({32, 32, 3, 3}) / 17);
  weights("bias", at::randn({32}));
  weights("scale", at::randn({32}));
  module.define(methods);
  module.eval();
  return module;
}

at::Tensor run(const torch::jit::Module& module, const char* method, const at::Tensor& x) {
  const c10::InferenceMode inference;
  const torch::jit::GraphOptimizerEnabledGuard no_optimizer(false);
  return (*module.find_method(method))({x}).toTensor();
}

int count(const torch::jit::Module& module, const char* method, const std::string& kind) {
  int found = 0;
  for (const torch::jit::Node* node : module.get_method(method).graph()->nodes())
    found += node->kind() == c10::Symbol::fromQualString(kind);
  return found;
}

Backend cpu(at::ScalarType type) { return {at::kCPU, type, "cpu", ""}; }

at::Tensor image(at::ScalarType type) {
  return at::randn({2, 32, 9, 12}).to(type).contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(GraphPasses, MergesGroupNormAndSilu) {
  torch::jit::Module module = network(at::kFloat);
  const at::Tensor x = image(at::kFloat), expected = run(network(at::kFloat), "forward", x);
  use_cpu_operators(module, cpu(at::kFloat));
  EXPECT_EQ(count(module, "forward", "ldznet::group_norm"), 1);
  EXPECT_EQ(count(module, "forward", "aten::group_norm"), 0);
  EXPECT_EQ(count(module, "forward", "aten::silu"), 0);
  EXPECT_EQ(count(module, "forward", "aten::conv2d"), 1) << "fp32 keeps LibTorch's convolution";
  EXPECT_LT((run(module, "forward", x) - expected).abs().max().item<double>(), 1e-5);
}

TEST(GraphPasses, MethodsSharePackedWeights) {
  if (!can_winograd(at::empty({32, 32, 3, 3}))) GTEST_SKIP() << "this CPU does not use Winograd convolutions";
  const char* const methods = R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)

def again(self, x):
    return torch.conv2d(x, self.weight, None, [1, 1], [1, 1], [1, 1], 1)
)";
  torch::jit::Module module = network(at::kBFloat16, methods);
  const at::Tensor x = image(at::kBFloat16), expected = run(network(at::kBFloat16, methods), "forward", x);
  use_cpu_operators(module, cpu(at::kBFloat16));
  EXPECT_EQ(count(module, "forward", "ldznet::winograd"), 1);
  EXPECT_EQ(count(module, "again", "ldznet::winograd"), 1);
  EXPECT_EQ(module.buffers().size(), 1u);
  EXPECT_EQ(module.attr("weight").toTensor().numel(), 0) << "the original weights are still in memory";
  EXPECT_LT((run(module, "forward", x) - expected).abs().max().item<double>(), 0.06);
  const at::Tensor bias = module.attr("bias").toTensor().view({1, -1, 1, 1});
  EXPECT_LT((run(module, "again", x) + bias - run(module, "forward", x)).abs().max().item<double>(), 0.06);
}

TEST(GraphPasses, LargeWeightsAreLaidOut) {
  const at::Tensor weight = at::randn({384, 320, 3, 3}).div(50).contiguous(at::MemoryFormat::ChannelsLast);
  if (!can_lay_out(weight)) GTEST_SKIP() << "this CPU has no oneDNN";
  torch::jit::Module module("network");
  module.register_parameter("weight", weight.clone(), false);
  module.define(R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, None, [2, 1], [1, 0], [1, 1], 1)

def again(self, x):
    return torch.conv2d(x, self.weight, None, [1, 1], [1, 1], [1, 1], 1)
)");
  module.eval();
  use_cpu_operators(module, cpu(at::kFloat));
  EXPECT_EQ(module.attr("weight").toTensor().numel(), 0) << "the original weights are still in memory";
  const at::Tensor x = at::randn({2, 320, 5, 6}).contiguous(at::MemoryFormat::ChannelsLast);
  const FlopCounter counter;
  EXPECT_TRUE(at::allclose(run(module, "forward", x), at::conv2d(x, weight, {}, {2, 1}, {1, 0}), 1e-4, 1e-4));
  EXPECT_EQ(counter.flop(), 2 * 2. * 3 * 4 * static_cast<double>(weight.numel()) * 2) << "of both, ours and LibTorch's";
  EXPECT_TRUE(at::allclose(run(module, "again", x), at::conv2d(x, weight, {}, 1, 1), 1e-4, 1e-4));
}

TEST(GraphPasses, KeepsConvolutionsWithNamedPadding) {
  torch::jit::Module module("network");
  module.register_parameter("weight", at::randn({384, 320, 3, 3}), false);
  module.define("def forward(self, x):\n    return torch.conv2d(x, self.weight, None, [1, 1], 'same', [1, 1], 1)\n");
  module.eval();
  use_cpu_operators(module, cpu(at::kFloat));
  EXPECT_EQ(run(module, "forward", at::randn({1, 320, 4, 5})).sizes(), at::IntArrayRef({1, 384, 4, 5}));
}

TEST(GraphPasses, KeepsWeightsWithOtherUses) {
  torch::jit::Module module = network(at::kBFloat16);
  const at::Tensor x = image(at::kBFloat16), expected = run(network(at::kBFloat16), "mixed", x);
  use_cpu_operators(module, cpu(at::kBFloat16));
  EXPECT_GT(module.attr("weight").toTensor().numel(), 0);
  EXPECT_LT((run(module, "mixed", x) - expected).abs().max().item<double>(), 1.0) << "a sum of many values";
}

class NamedAttention : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(GraphPasses, NamedAttention,
                         testing::Values("__torch__.ldznet_training.attention", "__torch__.ldznet.attention"));

TEST_P(NamedAttention, IsRecognized) {
  torch::jit::Module module("network");
  const auto unit = module._ivalue()->compilation_unit();
  unit->define(c10::QualifiedName(GetParam()), R"(
def attention(q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool) -> Tensor:
    return torch.matmul(torch.matmul(q, k.transpose(1, 2)).softmax(-1), v)
)",
               torch::jit::nativeResolver(), nullptr);
  const char* const another =
      "def attention(q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool):\n    return q\n";
  unit->define(c10::QualifiedName("__torch__.another"), another, torch::jit::nativeResolver(), nullptr);
  module.define("def forward(self, x):\n    return x\n");
  use_cpu_operators(module, cpu(at::kBFloat16));
  auto& attention = unit->get_function(c10::QualifiedName(std::string(GetParam()) + ".attention"));
  const auto kinds = torch::jit::toGraphFunction(attention).graph()->nodes();
  ASSERT_EQ(std::distance(kinds.begin(), kinds.end()), 1);
  EXPECT_EQ(kinds.begin()->kind(), c10::Symbol::fromQualString("ldznet::attention"));
  const at::Tensor q = at::randn({1, 5, 4}), k = at::randn({1, 7, 4}), v = at::randn({1, 7, 4});
  const at::Tensor expected = at::matmul(at::matmul(q, k.transpose(1, 2)).mul(0.5).softmax(-1), v);
  EXPECT_TRUE(at::allclose(attention({q, k, v, 1, false}).toTensor(), expected, 1e-5, 1e-6));
  const at::Tensor first = attention({q, k.narrow(1, 0, 5), v.narrow(1, 0, 5), 2, true}).toTensor().select(1, 0);
  EXPECT_TRUE(at::allclose(first, v.select(1, 0))) << "causal: the first token attends to itself only";
  auto& other = unit->get_function(c10::QualifiedName("__torch__.another.attention"));
  EXPECT_TRUE(other({q, k, v, 1, false}).toTensor().equal(q)) << "a function of the same name elsewhere was replaced";
}

TEST(GraphPasses, FlopAreThoseOfTheDirectConvolution) {
  torch::jit::Module module = network(at::kBFloat16);
  const at::Tensor x = image(at::kBFloat16);
  const auto flop = [&] {
    const FlopCounter counter;
    run(module, "forward", x);
    return counter.flop();
  };
  use_cpu_operators(module, cpu(at::kBFloat16));
  EXPECT_EQ(flop(), 2. * 2 * 9 * 12 * 32 * 32 * 9);
}

TEST(GraphPasses, LeavesCudaNetworksAlone) {
  torch::jit::Module module = network(at::kFloat);
  use_cpu_operators(module, {at::Device(at::kCUDA, 0), at::kFloat, "cuda:0", "fp32"});
  EXPECT_EQ(count(module, "forward", "aten::group_norm"), 1);
}

}  // namespace
}  // namespace ldznet

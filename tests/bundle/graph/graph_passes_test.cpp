#include "bundle/graph/graph_passes.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/api/function_impl.h>

#include "bundle/graph/packed_weights.h"
#include "support/modules.h"

namespace ldznet {
namespace {

torch::jit::Module network() {
  at::manual_seed(1);
  torch::jit::Module module("network");
  module.register_parameter("scale", at::randn({32}), false);
  module.register_parameter("bias", at::randn({32}), false);
  module.define(
      "def forward(self, x):\n"
      "    return torch.silu(torch.group_norm(x, 4, self.scale, self.bias, 1e-5, True))\n");
  module.eval();
  return module;
}

Backend cpu(at::ScalarType type) { return {at::kCPU, type, "cpu", ""}; }

TEST(GraphPasses, MergesGroupNormAndSilu) {
  torch::jit::Module module = network();
  const at::Tensor x = at::randn({2, 32, 9, 12}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor expected = run(network(), "forward", x);
  use_cpu_operators(module, cpu(at::kFloat));
  EXPECT_EQ(count(module, "forward", "ldznet::group_norm"), 1u);
  EXPECT_EQ(count(module, "forward", "aten::group_norm"), 0u);
  EXPECT_EQ(count(module, "forward", "aten::silu"), 0u);
  EXPECT_LT((run(module, "forward", x) - expected).abs().max().item<double>(), 1e-5);
}

TEST(GraphPasses, PacksForTheMethodsThatAreCalled) {
  torch::jit::Module module("network");
  module.register_parameter("weight", at::randn({256, 256}), false);
  if (!can_pack(module.attr("weight").toTensor())) GTEST_SKIP() << "this CPU packs no linear layer";
  module.define("def forward(self, x):\n    return torch.linear(x, self.weight)\n");
  module.define("def called(self, x):\n    return torch.linear(x, self.weight)\n");
  module.define("def other(self, x):\n    return torch.linear(x, self.weight)\n");
  module.eval();
  use_cpu_operators(module, cpu(at::kFloat), {"called"});
  EXPECT_EQ(count(module, "forward", "aten::linear"), 0u);
  EXPECT_EQ(count(module, "called", "aten::linear"), 0u);
  EXPECT_EQ(count(module, "other", "aten::linear"), 1u);
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

TEST(GraphPasses, LeavesCudaNetworksAlone) {
  torch::jit::Module module = network();
  use_cpu_operators(module, {at::Device(at::kCUDA, 0), at::kFloat, "cuda:0", "fp32"});
  EXPECT_EQ(count(module, "forward", "aten::group_norm"), 1u);
}

}  // namespace
}  // namespace ldznet

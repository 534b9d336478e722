// The operators as TorchScript calls them: the kernels where they apply, LibTorch's operators elsewhere.

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <gtest/gtest.h>
#include <torch/script.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace ldznet {
namespace {

at::Tensor call(const char* name, std::vector<c10::IValue> arguments) {
  c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
  return arguments.at(0).toTensor();
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads, bool causal) {
  return call("ldznet::attention", {q, k, v, heads, causal});
}

TEST(Operators, AttentionInFloat32) {
  at::manual_seed(1);
  const at::Tensor q = at::randn({2, 5, 12}), k = at::randn({2, 7, 12}), v = at::randn({2, 7, 12});
  const at::Tensor output = attention(q, k, v, 3, false);
  ASSERT_EQ(output.sizes(), q.sizes());
  const at::Tensor weights = at::matmul(q.slice(2, 4, 8), k.slice(2, 4, 8).transpose(1, 2)).div(2).softmax(-1);
  EXPECT_TRUE(at::allclose(output.slice(2, 4, 8), at::matmul(weights, v.slice(2, 4, 8)), 1e-5, 1e-6)) << "second head";
}

/// The names of the operators that run while `work` does.
std::set<std::string> operators_of(const std::function<void()>& work) {
  static thread_local std::set<std::string> names;
  names.clear();
  const auto handle = at::addThreadLocalCallback(
      at::RecordFunctionCallback([](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
        names.insert(function.name());
        return nullptr;
      }).scopes({at::RecordScope::FUNCTION}));
  work();
  at::removeCallback(handle);
  return names;
}

TEST(Operators, AttentionNeverStoresAllScores) {
  const c10::InferenceMode inference;
  at::manual_seed(1);
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const at::Tensor by_channel = at::randn({1, 96, 9}).to(type);  // an attention pool's, (B,3C,N)
    const auto parts = by_channel.transpose(1, 2).chunk(3, 2);
    for (const bool causal : {false, true}) {
      const auto run = operators_of([&] { attention(parts[0], parts[1], parts[2], 2, causal); });
      EXPECT_TRUE(run.contains("ldznet::attend") || run.contains("aten::_scaled_dot_product_flash_attention_for_cpu"))
          << type << " causal " << causal;
    }
  }
}

TEST(Operators, CausalAttentionSeesNoLaterToken) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    at::manual_seed(1);
    const at::Tensor x = at::randn({1, 6, 8}).to(type);
    const at::Tensor output = attention(x, x, x, 2, true), first = x.narrow(1, 0, 3);
    EXPECT_TRUE(at::allclose(output.narrow(1, 0, 3).to(at::kFloat),
                             attention(first, first, first, 2, true).to(at::kFloat), 0, 0.02));
    EXPECT_TRUE(at::allclose(output.select(1, 0), x.select(1, 0)));
  }
}

TEST(Operators, AttentionInBfloat16IsNearFloat32) {
  at::manual_seed(1);
  const at::Tensor x = at::randn({1, 40, 32}).to(at::kBFloat16), wide = x.to(at::kFloat);
  EXPECT_LT((attention(x, x, x, 2, false) - attention(wide, wide, wide, 2, false)).abs().max().item<double>(), 0.03);
}

TEST(Operators, GroupNormOfAnyLayout) {
  at::manual_seed(1);
  const at::Tensor x = at::randn({2, 16, 5, 3}), weight = at::randn({16}), bias = at::randn({16});
  const at::Tensor channels_last = x.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor expected = at::group_norm(x, 4, weight, bias, 1e-5);
  for (const at::Tensor& image : {x, channels_last}) {
    EXPECT_TRUE(at::allclose(call("ldznet::group_norm", {image, 4, weight, bias, 1e-5, false}), expected, 1e-4, 1e-5));
    EXPECT_TRUE(
        at::allclose(call("ldznet::group_norm", {image, 4, weight, bias, 1e-5, true}), at::silu(expected), 1e-4, 1e-5));
  }
  EXPECT_TRUE(at::allclose(call("ldznet::group_norm", {x, 4, c10::IValue(), c10::IValue(), 1e-5, false}),
                           at::group_norm(x, 4), 1e-4, 1e-5));
}

TEST(Operators, WinogradRefusesWeightsOfOtherChannels) {
  EXPECT_THROW(call("ldznet::winograd",
                    {at::zeros({1, 32, 4, 4}, at::kBFloat16), at::zeros({16, 16, 16}, at::kBFloat16), c10::IValue()}),
               c10::Error);
}

TEST(Operators, GroupNormWithoutTheKernelKeepsItsDigits) {
  at::manual_seed(1);
  // 24 channels are not a multiple of the kernel's 16 lanes.
  const at::Tensor x = (at::randn({1, 24, 64, 64}) + 100).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::ones({24}), bias = at::zeros({24});
  const at::Tensor output = call("ldznet::group_norm", {x, 4, weight, bias, 1e-5, false});
  EXPECT_TRUE(output.is_contiguous(at::MemoryFormat::ChannelsLast));
  const at::Tensor expected = at::group_norm(x.to(at::kDouble), 4, weight.to(at::kDouble), bias.to(at::kDouble), 1e-5);
  EXPECT_LT((output - expected).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace ldznet

#include "bundle/int8_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ldznet {
namespace {

torch::jit::Module with_weight(const at::Tensor& weight, const at::Tensor& scale) {
  torch::jit::Module part("part"), module("network");
  part.register_parameter("weight", weight, false);
  part.register_parameter("bias", at::full({2}, 3.0, at::kHalf), false);
  part.register_buffer("weight_int8_scale", scale);
  module.register_module("part", part);
  return module;
}

WeightTypes always(at::ScalarType type) {
  return [type](const at::Tensor& /*weight*/) { return type; };
}

TEST(Int8Weights, EveryOutputChannelHasItsScale) {
  const at::Tensor weight = at::tensor({127, -127, 0, 64, 1, 2}, at::kChar).view({2, 3, 1, 1});
  torch::jit::Module module = with_weight(weight, at::tensor({0.5f, 10.0f}));
  Int8Weights(module, always(at::kFloat)).decode_all();
  const at::Tensor decoded = module.attr("part").toModule().attr("weight").toTensor();
  EXPECT_TRUE(decoded.equal(at::tensor({63.5f, -63.5f, 0.0f, 640.0f, 10.0f, 20.0f}).view({2, 3, 1, 1})));
  EXPECT_EQ(module.attr("part").toModule().attr("bias").toTensor().scalar_type(), at::kHalf);
}

TEST(Int8Weights, DecodesOneByOneAfterBuffersChanged) {
  const at::Tensor weight = at::tensor({1, 2, 3, 4}, at::kChar).view({2, 2});
  torch::jit::Module module = with_weight(weight, at::tensor({0.5f, 10.0f}));
  const torch::jit::Module part = module.attr("part").toModule();
  Int8Weights weights(module, always(at::kFloat));
  part.attr("weight_int8_scale").toTensor().set_data(at::zeros({2}, at::kBFloat16));
  weights.decode(part.attr("bias").toTensor());
  EXPECT_EQ(part.attr("weight").toTensor().scalar_type(), at::kChar);
  for (int again = 0; again < 2; ++again) {
    weights.decode(part.attr("weight").toTensor());
    EXPECT_TRUE(part.attr("weight").toTensor().equal(at::tensor({0.5f, 1.0f, 30.0f, 40.0f}).view({2, 2})));
  }
}

TEST(Int8Weights, BFloat16IsRoundedOnce) {
  at::manual_seed(1);
  const at::Tensor weight = at::randint(-127, 128, {2, 5, 3, 3}, at::kChar), scale = at::rand({2});
  const at::Tensor expected = weight.to(at::kFloat) * scale.view({2, 1, 1, 1});
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    torch::jit::Module module = with_weight(weight.clone(), scale);
    Int8Weights(module, always(dtype)).decode_all();
    const at::Tensor decoded = module.attr("part").toModule().attr("weight").toTensor();
    EXPECT_TRUE(decoded.equal(dtype == at::kBFloat16 ? expected.to(dtype) : expected));
  }
}

TEST(Int8Weights, RefusesInfiniteWeights) {
  for (const float scale : {std::numeric_limits<float>::infinity(), std::nanf(""), 3e38f}) {
    torch::jit::Module module = with_weight(at::ones({2, 3}, at::kChar), at::tensor({1.0f, scale}));
    EXPECT_THROW(Int8Weights(module, always(at::kFloat)), std::runtime_error) << scale;
  }
}

TEST(Int8Weights, RefusesScalesThatDoNotFit) {
  const at::Tensor weight = at::ones({2, 3}, at::kChar);
  for (const auto& [values, scale] : {std::pair{weight, at::ones({3})},
                                      {weight, at::ones({2, 1})},
                                      {weight.to(at::kHalf), at::ones({2})},
                                      {at::ones({}, at::kChar), at::ones({1})}}) {
    torch::jit::Module module = with_weight(values, scale);
    EXPECT_THROW(Int8Weights(module, always(at::kFloat)), std::runtime_error) << values.sizes() << scale.sizes();
  }
}

}  // namespace
}  // namespace ldznet

#include "compute/linear.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "compute/panels.h"

namespace ldznet {
namespace {

class Linear : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!can_pack_linear(at::empty({16, 2}, GetParam()))) GTEST_SKIP() << "needs AVX-512 BF16, without AMX for it";
    at::manual_seed(1);
  }

  static at::Tensor noise(at::IntArrayRef sizes) { return at::randn(sizes).to(GetParam()); }
  static at::Tensor weights(std::int64_t outputs, std::int64_t inputs) {
    return noise({outputs, inputs}) / std::sqrt(static_cast<double>(inputs));
  }

  /// Largest difference from a result in float64 of values around 1: sums in float32, the result in the type itself.
  static double tolerance() { return GetParam() == at::kFloat ? 1e-5 : 0.02; }
};
INSTANTIATE_TEST_SUITE_P(Types, Linear, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(Linear, EqualsTheReference) {
  for (const auto& [rows, inputs, outputs] :
       std::vector<std::array<std::int64_t, 3>>{{1, 2, 16}, {7, 30, 80}, {150, 320, 96}, {333, 64, 208}, {11, 6, 40}}) {
    const at::Tensor x = noise({rows, inputs}), weight = weights(outputs, inputs), bias = noise({outputs});
    ASSERT_TRUE(can_pack_linear(weight));
    const at::Tensor actual = linear_packed(x, pack_panels(weight), bias);
    const at::Tensor expected = at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble));
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_EQ(actual.scalar_type(), GetParam());
    EXPECT_LT((actual - expected).abs().max().item<double>(), tolerance()) << x.sizes() << weight.sizes();
  }
}

TEST_P(Linear, GatedEqualsTheReference) {
  for (const auto& [rows, inputs, outputs] :
       std::vector<std::array<std::int64_t, 3>>{{1, 2, 16}, {7, 30, 48}, {150, 320, 96}}) {
    const at::Tensor x = noise({2, rows, inputs}) * 2, weight = weights(2 * outputs, inputs),
                     bias = noise({2 * outputs});
    ASSERT_TRUE(can_pack_geglu(weight));
    const at::Tensor actual = geglu_packed(x, pack_geglu(weight), bias);
    const auto halves = at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble)).chunk(2, -1);
    const at::Tensor expected = halves[0] * at::gelu(halves[1]);
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_TRUE(at::allclose(actual.to(at::kDouble), expected, GetParam() == at::kFloat ? 1e-5 : 0.005, 1e-5));
  }
}

TEST_P(Linear, GatesVanishAndPassFarFromZero) {
  const at::Tensor x = at::tensor({-1e30, -50., -3., 0., 3., 50.}).to(GetParam()).view({6, 1}).repeat({1, 2});
  const at::Tensor weight = at::cat({at::zeros({16, 2}), at::full({16, 2}, 0.5)}).to(GetParam());
  const at::Tensor bias = at::cat({at::ones({16}), at::zeros({16})}).to(GetParam());
  const at::Tensor gates = geglu_packed(x, pack_geglu(weight), bias).select(1, 0).to(at::kDouble);
  EXPECT_TRUE(at::allclose(gates, at::gelu(x.select(1, 0).to(at::kDouble)), 0.005, 1e-6)) << gates;
}

TEST_P(Linear, PointwiseIsTheSameForEachPixel) {
  const at::Tensor weight = weights(48, 32), bias = noise({48}), plain = pack_panels(weight);
  for (const auto& sizes : std::vector<std::vector<std::int64_t>>{{2, 32, 3, 5}, {2, 32, 7}})
    for (const bool last : {false, true}) {
      const at::Tensor packed = pack_panels(sizes.size() == 4 ? weight.view({48, 32, 1, 1}) : weight.view({48, 32, 1}));
      const at::Tensor x = last ? noise(sizes).movedim(1, -1).contiguous().movedim(-1, 1) : noise(sizes);
      const at::Tensor actual = pointwise_packed(x, packed, bias);
      const at::Tensor expected = linear_packed(x.movedim(1, -1), plain, bias).movedim(-1, 1);
      EXPECT_EQ(actual.size(1), 48);
      EXPECT_TRUE(actual.equal(expected));
      EXPECT_TRUE(actual.movedim(1, -1).is_contiguous()) << "channels last";
    }
}

TEST_P(Linear, IsIndependentOfRowsAndThreads) {
  const at::Tensor x = noise({3, 100, 64}), packed = pack_panels(weights(96, 64)), bias = noise({96});
  const at::Tensor together = linear_packed(x, packed, bias);
  EXPECT_TRUE(together[2].equal(linear_packed(x[2], packed, bias)));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(linear_packed(x, packed, bias).equal(together));
  at::set_num_threads(threads);
}

TEST_P(Linear, WithoutBiasOrRows) {
  const at::Tensor packed = pack_panels(weights(32, 64)), x = noise({5, 64});
  EXPECT_TRUE(linear_packed(x, packed, {}).equal(linear_packed(x, packed, at::zeros({32}, GetParam()))));
  EXPECT_EQ(linear_packed(noise({0, 64}), packed, {}).sizes(), at::IntArrayRef({0, 32}));
}

TEST_P(Linear, RefusesOtherInputs) {
  const at::Tensor packed = pack_panels(weights(32, 64));
  EXPECT_THROW(linear_packed(noise({5, 32}), packed, {}), c10::Error);
  EXPECT_THROW(linear_packed(noise({5, 64}).to(at::kDouble), packed, {}), c10::Error);
  EXPECT_THROW(linear_packed(noise({5, 64}), packed, noise({16})), c10::Error);
  EXPECT_THROW(linear_packed(noise({5, 64}), noise({40, 64}), {}), c10::Error) << "weights that are not packed";
  EXPECT_THROW(linear_packed(noise({5, 7}), pack_panels(noise({16, 7})), {}), c10::Error) << "not pairs";
  EXPECT_THROW(geglu_packed(noise({5, 64}), pack_panels(weights(48, 64)), {}), c10::Error) << "halves of 24";
  EXPECT_THROW(pointwise_packed(noise({64, 64, 5}), pack_panels(weights(32, 64).view({32, 64, 1, 1})), {}), c10::Error)
      << "an image without a batch";
}

TEST_P(Linear, RefusesOtherWeights) {
  const auto suits = [](at::IntArrayRef sizes) { return can_pack_linear(at::empty(sizes, GetParam())); };
  EXPECT_TRUE(suits({48, 6}));
  EXPECT_TRUE(suits({48, 6, 1, 1}));
  EXPECT_FALSE(suits({48, 6, 3, 3}));
  EXPECT_TRUE(suits({40, 6}));
  EXPECT_FALSE(suits({4, 6})) << "not worth a vector";
  EXPECT_FALSE(suits({48, 7})) << "not pairs";
  EXPECT_FALSE(suits({48, 0}));
  EXPECT_FALSE(suits({48}));
  EXPECT_FALSE(can_pack_geglu(at::empty({48, 6}, GetParam()))) << "halves are not multiples of a vector";
}

}  // namespace
}  // namespace ldznet

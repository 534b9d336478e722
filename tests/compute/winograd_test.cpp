#include "compute/winograd.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "compute/cpu.h"

namespace ldznet {
namespace {

class Winograd : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!can_winograd(at::empty({16, 16, 3, 3}, GetParam()))) GTEST_SKIP() << "needs AVX-512 BF16, without AMX for it";
    at::manual_seed(1);
  }

  static at::Tensor noise(at::IntArrayRef sizes) { return at::randn(sizes).to(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Types, Winograd, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(Winograd, EqualsTheConvolution) {
  for (const auto& [images, channels, out_channels, height, width] : std::vector<std::array<std::int64_t, 5>>{
           {1, 16, 16, 2, 2}, {2, 32, 80, 13, 7}, {1, 64, 48, 1, 9}, {1, 320, 128, 24, 24}, {1, 128, 192, 40, 50}}) {
    const at::Tensor x = noise({images, channels, height, width}), bias = noise({out_channels});
    const at::Tensor weight = noise({out_channels, channels, 3, 3}) / std::sqrt(9. * static_cast<double>(channels));
    ASSERT_TRUE(can_winograd(weight));
    const at::Tensor expected = at::conv2d(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble), 1, 1);
    const at::Tensor actual = convolve_winograd(x, pack_winograd(weight), bias);
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_TRUE(actual.is_contiguous(at::MemoryFormat::ChannelsLast));
    // In bfloat16 three roundings, each 2^-9 of values around 1, where the direct convolution has one.
    const double typical = GetParam() == at::kFloat ? 1e-6 : 0.006, largest = GetParam() == at::kFloat ? 1e-5 : 0.04;
    EXPECT_LT((actual - expected).std().item<double>(), typical) << x.sizes();
    EXPECT_LT((actual - expected).abs().max().item<double>(), largest) << x.sizes();
  }
}

TEST_P(Winograd, WithoutBias) {
  const at::Tensor x = noise({1, 16, 6, 6}), packed = pack_winograd(noise({32, 16, 3, 3}));
  EXPECT_TRUE(convolve_winograd(x, packed, {}).equal(convolve_winograd(x, packed, at::zeros({32}, GetParam()))));
}

TEST_P(Winograd, IsIndependentOfBatchAndThreads) {
  const at::Tensor x = noise({3, 64, 31, 17}), packed = pack_winograd(noise({64, 64, 3, 3})), bias = noise({64});
  const at::Tensor together = convolve_winograd(x, packed, bias);
  EXPECT_TRUE(together[1].equal(convolve_winograd(x[1].unsqueeze(0), packed, bias)[0]));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(convolve_winograd(x, packed, bias).equal(together));
  at::set_num_threads(threads);
}

TEST_P(Winograd, ReadsABiasWithStrides) {
  const at::Tensor x = noise({1, 16, 6, 6}), packed = pack_winograd(noise({32, 16, 3, 3})),
                   bias = noise({32, 2}).select(1, 0);
  EXPECT_TRUE(convolve_winograd(x, packed, bias).equal(convolve_winograd(x, packed, bias.contiguous())));
}

TEST_P(Winograd, RefusesOtherInputs) {
  const at::Tensor packed = pack_winograd(noise({32, 16, 3, 3}));
  EXPECT_THROW(convolve_winograd(noise({1, 32, 6, 6}), packed, {}), c10::Error);
  EXPECT_THROW(convolve_winograd(noise({16, 6, 6}), packed, {}), c10::Error);
  EXPECT_THROW(convolve_winograd(noise({1, 16, 6, 6}).to(at::kDouble), packed, {}), c10::Error);
  EXPECT_THROW(convolve_winograd(noise({1, 16, 6, 6}), packed, noise({16})), c10::Error);
}

TEST_P(Winograd, RefusesOtherWeights) {
  const auto suits = [](at::IntArrayRef sizes) { return can_winograd(at::empty(sizes, GetParam())); };
  EXPECT_TRUE(suits({32, 16, 3, 3}));
  EXPECT_FALSE(suits({32, 3, 3, 3}));
  EXPECT_FALSE(suits({32, 0, 3, 3}));
  EXPECT_FALSE(suits({1, 16, 3, 3}));
  EXPECT_FALSE(suits({32, 16, 1, 1}));
  EXPECT_FALSE(suits({32, 16, 5, 5}));
  EXPECT_FALSE(suits({1280, 1280, 3, 3})) << "packing such a wide layer would need too much memory";
}

}  // namespace
}  // namespace ldznet

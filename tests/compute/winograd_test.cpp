#include "compute/winograd.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "compute/cpu.h"

namespace ldznet {
namespace {

class Winograd : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_avx512_bf16() || has_matrix_tiles()) GTEST_SKIP() << "needs AVX-512 BF16 without AMX";
    at::manual_seed(1);
  }

  static at::Tensor noise(at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); }
};

TEST_F(Winograd, EqualsTheConvolution) {
  for (const auto& [images, channels, out_channels, height, width] : std::vector<std::array<std::int64_t, 5>>{
           {1, 16, 16, 2, 2}, {2, 32, 80, 13, 7}, {1, 64, 48, 1, 9}, {1, 320, 128, 24, 24}, {1, 128, 192, 40, 50}}) {
    const at::Tensor x = noise({images, channels, height, width}), bias = noise({out_channels});
    const at::Tensor weight = noise({out_channels, channels, 3, 3}) / std::sqrt(9. * static_cast<double>(channels));
    ASSERT_TRUE(can_winograd(weight));
    const at::Tensor expected = at::conv2d(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble), 1, 1);
    const at::Tensor actual = convolve_winograd(x, pack_winograd(weight), bias);
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_TRUE(actual.is_contiguous(at::MemoryFormat::ChannelsLast));
    // Three roundings to bfloat16, each 2^-9 of values around 1, where the direct convolution has one.
    EXPECT_LT((actual - expected).std().item<double>(), 0.006) << x.sizes();
    EXPECT_LT((actual - expected).abs().max().item<double>(), 0.04) << x.sizes();
  }
}

TEST_F(Winograd, WithoutBias) {
  const at::Tensor x = noise({1, 16, 6, 6}), packed = pack_winograd(noise({32, 16, 3, 3}));
  EXPECT_TRUE(convolve_winograd(x, packed, {}).equal(convolve_winograd(x, packed, at::zeros({32}, at::kBFloat16))));
}

TEST_F(Winograd, IsIndependentOfBatchAndThreads) {
  const at::Tensor x = noise({3, 64, 31, 17}), packed = pack_winograd(noise({64, 64, 3, 3})), bias = noise({64});
  const at::Tensor together = convolve_winograd(x, packed, bias);
  EXPECT_TRUE(together[1].equal(convolve_winograd(x[1].unsqueeze(0), packed, bias)[0]));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(convolve_winograd(x, packed, bias).equal(together));
  at::set_num_threads(threads);
}

TEST_F(Winograd, RefusesOtherInputs) {
  const at::Tensor packed = pack_winograd(noise({32, 16, 3, 3}));
  EXPECT_THROW(convolve_winograd(noise({1, 32, 6, 6}), packed, {}), c10::Error);
  EXPECT_THROW(convolve_winograd(noise({16, 6, 6}), packed, {}), c10::Error);
  EXPECT_THROW(convolve_winograd(at::randn({1, 16, 6, 6}), packed, {}), c10::Error);
  EXPECT_THROW(convolve_winograd(noise({1, 16, 6, 6}), packed, noise({16})), c10::Error);
}

TEST_F(Winograd, RefusesOtherWeights) {
  const auto suits = [](at::IntArrayRef sizes) { return can_winograd(at::empty(sizes)); };
  EXPECT_TRUE(suits({32, 16, 3, 3}));
  EXPECT_FALSE(suits({32, 3, 3, 3}));
  EXPECT_FALSE(suits({1, 16, 3, 3}));
  EXPECT_FALSE(suits({32, 16, 1, 1}));
  EXPECT_FALSE(suits({32, 16, 5, 5}));
  EXPECT_FALSE(suits({1280, 1280, 3, 3})) << "packing such a wide layer would need too much memory";
}

}  // namespace
}  // namespace ldznet

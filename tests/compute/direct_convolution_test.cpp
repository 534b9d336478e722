#include "compute/direct_convolution.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "compute/panels.h"

namespace ldznet {
namespace {

struct Case {
  std::vector<std::int64_t> image, weight, stride, padding, dilation;
};

class DirectConvolution : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!can_use_panels(at::empty({1}, GetParam()))) GTEST_SKIP() << "needs AVX-512 BF16, without AMX for it";
    at::manual_seed(1);
  }

  static at::Tensor noise(at::IntArrayRef sizes) { return at::randn(sizes).to(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Types, DirectConvolution, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(DirectConvolution, EqualsTheReference) {
  const std::vector<Case> cases = {
      {{1, 16, 1, 1}, {16, 16, 3, 3}, {1}, {1}, {1}},         {{2, 3, 13, 7}, {24, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
      {{1, 5, 9, 12}, {80, 5, 3, 3}, {2, 2}, {1, 1}, {1, 1}}, {{2, 32, 9, 11}, {8, 32, 3, 2}, {2, 1}, {0, 1}, {1, 2}},
      {{1, 64, 13, 13}, {72, 64, 5, 5}, {1}, {4}, {2}},       {{1, 1280, 12, 13}, {96, 1280, 3, 3}, {1}, {1}, {1}},
      {{1, 320, 16, 17}, {64, 320, 1, 1}, {2}, {0}, {1}},
  };
  for (const Case& one : cases)
    for (const bool last : {false, true}) {
      const auto format = last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
      const at::Tensor weight =
          (noise(one.weight) / std::sqrt(static_cast<double>(one.weight[1] * one.weight[2] * one.weight[3])))
              .contiguous(format);
      const at::Tensor x = noise(one.image).contiguous(format), bias = noise({one.weight[0]});
      ASSERT_TRUE(can_convolve_direct(weight));
      const at::Tensor actual = convolve_direct(x, pack_panels(weight), bias, one.stride, one.padding, one.dilation);
      const at::Tensor expected = at::conv2d(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble),
                                             one.stride, one.padding, one.dilation);
      ASSERT_EQ(actual.sizes(), expected.sizes());
      EXPECT_TRUE(actual.is_contiguous(at::MemoryFormat::ChannelsLast));
      // Sums in float32, whose rounding errors grow with the root of their number; results in the type itself.
      const double products = static_cast<double>(weight.numel()) / static_cast<double>(weight.size(0));
      EXPECT_LT((actual - expected).abs().max().item<double>(),
                GetParam() == at::kFloat ? 4e-7 * std::sqrt(products) : 0.02)
          << x.sizes() << weight.sizes();
    }
}

TEST_P(DirectConvolution, IsIndependentOfBatchAndThreads) {
  const at::Tensor x = noise({3, 64, 31, 17}), packed = pack_panels(noise({96, 64, 3, 3})), bias = noise({96});
  const auto convolve = [&](const at::Tensor& image) { return convolve_direct(image, packed, bias, 1, 1, 1); };
  const at::Tensor together = convolve(x);
  EXPECT_TRUE(together[1].equal(convolve(x[1].unsqueeze(0))[0]));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(convolve(x).equal(together));
  at::set_num_threads(threads);
}

TEST_P(DirectConvolution, WithoutBias) {
  const at::Tensor x = noise({1, 6, 6, 6}), packed = pack_panels(noise({24, 6, 3, 3}));
  EXPECT_TRUE(
      convolve_direct(x, packed, {}, 1, 1, 1).equal(convolve_direct(x, packed, at::zeros({24}, GetParam()), 1, 1, 1)));
}

TEST_P(DirectConvolution, RefusesOtherInputs) {
  const at::Tensor packed = pack_panels(noise({32, 16, 3, 3})), x = noise({1, 16, 6, 6});
  EXPECT_THROW(convolve_direct(noise({1, 32, 6, 6}), packed, {}, 1, 1, 1), c10::Error);
  EXPECT_THROW(convolve_direct(x[0], packed, {}, 1, 1, 1), c10::Error);
  EXPECT_THROW(convolve_direct(x.to(at::kDouble), packed, {}, 1, 1, 1), c10::Error);
  EXPECT_THROW(convolve_direct(x, packed, noise({16}), 1, 1, 1), c10::Error);
  EXPECT_THROW(convolve_direct(x, packed, {}, 1, 0, 3), c10::Error) << "the kernel is larger than the image";
  EXPECT_THROW(convolve_direct(noise({1, 16, 2, 2}), packed, {}, 2, 0, 1), c10::Error) << "by one pixel, with stride 2";
  EXPECT_THROW(convolve_direct(x, packed, {}, 0, 1, 1), c10::Error);
  EXPECT_THROW(convolve_direct(x, packed, {}, 1, -1, 1), c10::Error);
  EXPECT_THROW(convolve_direct(x, packed, {}, 1, 1, -1), c10::Error);
  EXPECT_THROW(convolve_direct(x, noise({24, 16, 3, 3}), {}, 1, 1, 1), c10::Error) << "weights that are not packed";
}

TEST_P(DirectConvolution, RefusesOtherWeights) {
  const auto suits = [](at::IntArrayRef sizes) { return can_convolve_direct(at::empty(sizes, GetParam())); };
  EXPECT_TRUE(suits({8, 3, 3, 3}));
  EXPECT_FALSE(suits({1, 16, 3, 3})) << "not worth a vector";
  EXPECT_FALSE(suits({16, 3, 3}));
  EXPECT_FALSE(suits({0, 3, 3, 3}));
}

}  // namespace
}  // namespace ldznet

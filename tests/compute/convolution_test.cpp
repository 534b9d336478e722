#include "compute/convolution.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

class Convolution : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    at::manual_seed(1);
    weight_ = channels_last(at::randn({384, 320, 3, 3}) / 54);
    if (!can_lay_out(weight_)) GTEST_SKIP() << "this CPU does not keep weights laid out in this type";
  }

  static at::Tensor channels_last(const at::Tensor& values) {
    return values.to(GetParam()).contiguous(at::MemoryFormat::ChannelsLast);
  }
  static at::Tensor image(std::int64_t height, std::int64_t width, std::int64_t count = 1) {
    return channels_last(at::randn({count, 320, height, width}));
  }
  at::Tensor convolve(ConvolutionWeight& weight, const at::Tensor& x, std::int64_t stride = 1) const {
    return weight.convolve(x, bias_, {stride, stride}, {1, 1}, {1, 1});
  }

  at::Tensor weight_, bias_ = at::randn({384}).to(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Types, Convolution, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(Convolution, IsThatOfLibTorch) {
  const double tolerance = GetParam() == at::kFloat ? 1e-4 : 0.06;
  ConvolutionWeight weight(weight_);
  for (const at::Tensor& x : {image(9, 7), image(9, 7).contiguous(), image(5, 6, 3)})
    for (const std::int64_t stride : {1, 2}) {
      const at::Tensor expected = at::conv2d(x.to(at::kFloat), weight_.to(at::kFloat), bias_.to(at::kFloat), stride, 1);
      EXPECT_LT((convolve(weight, x, stride).to(at::kFloat) - expected).abs().max().item<double>(), tolerance);
    }
}

TEST_P(Convolution, DoesNotDependOnWhatIsKept) {
  // Shapes for which oneDNN wants different layouts.
  const std::vector<at::Tensor> images = {image(24, 24), image(12, 12, 8), image(6, 6), image(7, 9)};
  std::vector<at::Tensor> expected;
  for (const at::Tensor& x : images) {
    ConvolutionWeight fresh(weight_);
    expected.push_back(convolve(fresh, x));
  }
  ConvolutionWeight weight(weight_);
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < images.size(); ++i)
      for (int call = 0; call < 3; ++call) EXPECT_TRUE(convolve(weight, images[i]).equal(expected[i])) << i << call;
}

TEST_P(Convolution, KeepsTheLayoutOfRepeatedShapes) {
  ConvolutionWeight weight(weight_);
  const at::Tensor one = image(6, 6), another = image(7, 9);
  for (int call = 0; call < 3; ++call) {  // in turns
    convolve(weight, one);
    convolve(weight, another);
    EXPECT_FALSE(weight.is_laid_out());
  }
  convolve(weight, another);
  EXPECT_TRUE(weight.is_laid_out());
  convolve(weight, another, 2);
  EXPECT_FALSE(weight.is_laid_out()) << "another stride";
  for (const bool kept : {false, false, false, true}) {
    convolve(weight, one);
    EXPECT_EQ(weight.is_laid_out(), kept) << "a layout that was given up must repeat more often to be kept";
  }
}

TEST(CanLayOut, OnlyLargeWeights) {
  EXPECT_FALSE(can_lay_out(at::empty({64, 64, 3, 3})));
  EXPECT_FALSE(can_lay_out(at::empty({2048, 1024})));
  EXPECT_FALSE(can_lay_out(at::empty({640, 640, 3, 3}, at::kDouble)));
}

}  // namespace
}  // namespace ldznet

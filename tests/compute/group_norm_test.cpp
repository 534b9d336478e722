#include "compute/group_norm.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <vector>

#include "compute/cpu.h"

namespace ldznet {
namespace {

class GroupNorm : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_avx512_bf16()) GTEST_SKIP() << "needs AVX-512 BF16";
    at::manual_seed(1);
  }

  static at::Tensor image(at::IntArrayRef sizes, at::ScalarType type, double mean = 1) {
    return (at::randn(sizes) * 2 + mean).to(type).contiguous(at::MemoryFormat::ChannelsLast);
  }
};

TEST_F(GroupNorm, EqualsLibTorch) {
  for (const auto& [type, tolerance] : {std::pair{at::kFloat, 1e-5}, {at::kBFloat16, 0.04}})
    for (const auto& sizes : std::vector<std::vector<std::int64_t>>{{1, 16, 1, 1}, {2, 64, 5, 7}, {1, 96, 40, 33}})
      for (const bool silu : {false, true}) {
        const at::Tensor x = image(sizes, type), weight = at::randn({sizes[1]}).to(type),
                         bias = at::randn({sizes[1]}).to(type);
        ASSERT_TRUE(can_group_norm(x, 8, weight, bias));
        at::Tensor expected = at::group_norm(x.to(at::kDouble), 8, weight.to(at::kDouble), bias.to(at::kDouble), 1e-5);
        if (silu) expected = at::silu(expected);
        const at::Tensor actual = group_norm(x, 8, weight, bias, 1e-5, silu);
        EXPECT_EQ(actual.scalar_type(), type);
        EXPECT_LT((actual - expected).abs().max().item<double>(), tolerance) << at::IntArrayRef(sizes) << silu;
      }
}

TEST_F(GroupNorm, MeanFarFromZero) {
  const at::Tensor x = image({1, 32, 64, 64}, at::kFloat, 100), one = at::ones({32}), none = at::zeros({32});
  const at::Tensor expected = at::group_norm(x.to(at::kDouble), 4, one.to(at::kDouble), none.to(at::kDouble), 1e-5);
  EXPECT_LT((group_norm(x, 4, one, none, 1e-5, false) - expected).abs().max().item<double>(), 1e-3);
}

TEST_F(GroupNorm, SiluOfExtremeValues) {
  const at::Tensor values = at::tensor(
      {-3e38F, -200.F, -90.F, -88.F, -20.F, -5.F, -1.F, -1e-30F, 0.F, 1e-30F, 1.F, 5.F, 20.F, 88.F, 200.F, 3e38F});
  const at::Tensor x = at::zeros({1, 16, 1, 1}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor y = group_norm(x, 16, at::zeros({16}), values, 1e-5, true).view({16}).to(at::kDouble);
  EXPECT_TRUE(at::allclose(y, at::silu(values.to(at::kDouble)), 1e-6, 1e-30)) << y;
}

TEST_F(GroupNorm, IsIndependentOfThreads) {
  const at::Tensor x = image({2, 64, 50, 50}, at::kBFloat16), weight = at::randn({64}).to(at::kBFloat16);
  const at::Tensor together = group_norm(x, 32, weight, weight, 1e-6, true);
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(group_norm(x, 32, weight, weight, 1e-6, true).equal(together));
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace ldznet

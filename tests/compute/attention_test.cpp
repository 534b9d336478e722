#include "compute/attention.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "compute/cpu.h"

namespace ldznet {
namespace {

at::Tensor reference(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads) {
  const auto split = [&](const at::Tensor& t) {
    return t.to(at::kDouble).reshape({t.size(0), t.size(1), heads, t.size(2) / heads}).transpose(1, 2);
  };
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(2)) / static_cast<double>(heads));
  const at::Tensor weights = at::matmul(split(q) * scale, split(k).transpose(2, 3)).softmax(-1);
  return at::matmul(weights, split(v)).transpose(1, 2).reshape(q.sizes());
}

class Attention : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!has_avx512_bf16()) GTEST_SKIP() << "needs AVX-512 BF16";
    at::manual_seed(1);
  }

  static at::Tensor noise(at::IntArrayRef sizes) { return at::randn(sizes).to(GetParam()); }
  static double tolerance() { return GetParam() == at::kFloat ? 5e-6 : 0.02; }
};
INSTANTIATE_TEST_SUITE_P(Types, Attention, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(Attention, EqualsTheReference) {
  for (const auto& [batch, queries, keys, width, heads] : std::vector<std::array<std::int64_t, 5>>{
           {1, 1, 1, 16, 1}, {1, 37, 77, 320, 8}, {2, 144, 145, 96, 4}, {1, 300, 576, 24, 3}, {1, 40, 9, 512, 1}}) {
    const at::Tensor q = noise({batch, queries, width}), k = noise({batch, keys, width}),
                     v = noise({batch, keys, width});
    ASSERT_TRUE(can_attend(q, k, v, heads));
    const at::Tensor actual = attend(q, k, v, heads);
    EXPECT_EQ(actual.sizes(), q.sizes());
    EXPECT_LT((actual - reference(q, k, v, heads)).abs().max().item<double>(), tolerance()) << q.sizes() << k.sizes();
  }
}

TEST_P(Attention, LargeScoresDoNotOverflow) {
  const at::Tensor q = noise({1, 20, 32}) * 60, v = noise({1, 20, 32});
  const at::Tensor actual = attend(q, q, v, 2);
  EXPECT_TRUE(actual.isfinite().all().item<bool>());
  EXPECT_LT((actual - reference(q, q, v, 2)).abs().max().item<double>(), tolerance());
}

TEST_P(Attention, KeepsNaN) {
  at::Tensor k = noise({1, 20, 32});
  k.select(1, 7).fill_(NAN);
  EXPECT_TRUE(attend(noise({1, 3, 32}), k, noise({1, 20, 32}), 2).isnan().all().item<bool>());
}

TEST_P(Attention, ReadsExpandedContexts) {
  const at::Tensor q = noise({3, 5, 32}), k = noise({1, 9, 32});
  EXPECT_TRUE(attend(q, k.expand({3, -1, -1}), k.expand({3, -1, -1}), 2)
                  .equal(attend(q, k.repeat({3, 1, 1}), k.repeat({3, 1, 1}), 2)));
}

TEST_P(Attention, ReadsSlicesOfWiderRows) {
  const at::Tensor all = noise({2, 50, 96});
  const auto parts = all.chunk(3, 2);
  EXPECT_TRUE(attend(parts[0], parts[1], parts[2], 4)
                  .equal(attend(parts[0].contiguous(), parts[1].contiguous(), parts[2].contiguous(), 4)));
}

TEST_P(Attention, IsIndependentOfBatchAndThreads) {
  const at::Tensor q = noise({3, 100, 64}), k = noise({3, 60, 64}), v = noise({3, 60, 64});
  const at::Tensor together = attend(q, k, v, 4);
  EXPECT_TRUE(together[2].equal(attend(q[2].unsqueeze(0), k[2].unsqueeze(0), v[2].unsqueeze(0), 4)[0]));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(attend(q, k, v, 4).equal(together));
  at::set_num_threads(threads);
}

TEST_P(Attention, RefusesOtherTensors) {
  const at::Tensor x = noise({1, 8, 12});
  EXPECT_TRUE(can_attend(x, x, x, 2));
  EXPECT_FALSE(can_attend(x, x, x, 4)) << "heads of odd width";
  const at::Tensor wide = x.to(at::kDouble), other = x.to(GetParam() == at::kFloat ? at::kBFloat16 : at::kFloat);
  EXPECT_FALSE(can_attend(wide, wide, wide, 2));
  EXPECT_FALSE(can_attend(x, other, x, 2)) << "another type";
  EXPECT_FALSE(can_attend(noise({2, 8, 12}), x, x, 2)) << "another batch";
  EXPECT_FALSE(can_attend(x, noise({1, 7, 12}), x, 2)) << "fewer keys than values";
  const at::Tensor turned = noise({1, 12, 8}).transpose(1, 2);
  EXPECT_FALSE(can_attend(turned, x, x, 2));
}

}  // namespace
}  // namespace ldznet

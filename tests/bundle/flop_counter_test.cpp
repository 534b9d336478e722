#include "bundle/flop_counter.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace ldznet {
namespace {

template <typename Work>
double flop_of(Work&& work) {
  const c10::InferenceMode inference;
  const FlopCounter counter;
  work();
  return counter.flop();
}

TEST(FlopCounter, CountsMatrixProductsOnce) {
  const at::Tensor a = at::ones({3, 5}), b = at::ones({5, 7}), bias = at::ones({7});
  EXPECT_EQ(flop_of([&] { at::mm(a, b); }), 2 * 3 * 5 * 7);
  EXPECT_EQ(flop_of([&] { at::matmul(a, b); }), 2 * 3 * 5 * 7);
  EXPECT_EQ(flop_of([&] { at::linear(a, b.t(), bias); }), 2 * 3 * 5 * 7);
  EXPECT_EQ(flop_of([&] { at::linear(a.expand({4, 3, 5}), b.t()); }), 4 * 2 * 3 * 5 * 7);
  EXPECT_EQ(flop_of([&] { at::bmm(a.expand({4, 3, 5}), b.expand({4, 5, 7})); }), 4 * 2 * 3 * 5 * 7);
}

TEST(FlopCounter, CountsConvolutions) {
  const at::Tensor x = at::ones({2, 6, 10, 12}), no_bias;
  const std::vector<std::int64_t> kZero(2, 0), kOne(2, 1);
  EXPECT_EQ(flop_of([&] { at::conv2d(x, at::ones({8, 6, 3, 3}), {}, 1, 1); }), 2. * 2 * 10 * 12 * 8 * 6 * 9);
  EXPECT_EQ(flop_of([&] { at::conv2d(x, at::ones({8, 6, 3, 3}), {}, 2, 1); }), 2. * 2 * 5 * 6 * 8 * 6 * 9);
  EXPECT_EQ(flop_of([&] {
              at::conv2d(x, at::ones({8, 3, 1, 1}), no_bias, kOne, kZero, kOne, 2);
            }),
            2. * 2 * 10 * 12 * 8 * 3);
  EXPECT_EQ(flop_of([&] { at::conv_transpose2d(x, at::ones({6, 8, 2, 2}), {}, 2); }), 2. * 2 * 10 * 12 * 6 * 8 * 4);
}

TEST(FlopCounter, CountsFusedAttention) {
  const at::Tensor q = at::ones({1, 2, 9, 8}), k = at::ones({1, 2, 5, 8});
  EXPECT_EQ(flop_of([&] { at::scaled_dot_product_attention(q, k, k); }), 2 * 2 * (2. * 9 * 5 * 8));
}

TEST(FlopCounter, IgnoresOtherOperators) {
  EXPECT_EQ(flop_of([] { at::ones({64, 64}).softmax(1).sum(); }), 0);
  at::mm(at::ones({2, 2}), at::ones({2, 2}));
  EXPECT_EQ(flop_of([] {}), 0) << "counted work from before its lifetime";
}

}  // namespace
}  // namespace ldznet

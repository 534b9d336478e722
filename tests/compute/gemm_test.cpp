#include "compute/gemm.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "compute/cpu.h"

#if defined(__x86_64__)

namespace ldznet {
namespace {

/// Exact for small integers.
template <typename T>
T to_value(int value) {
  if constexpr (std::is_same_v<T, float>)
    return static_cast<float>(value);
  else
    return static_cast<T>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16);
}

template <typename T>
class Gemm : public testing::Test {};
using Types = testing::Types<float, avx512::Bits>;
TYPED_TEST_SUITE(Gemm, Types);

// Small integers, whose products and sums are exact in bfloat16 and float32.
TYPED_TEST(Gemm, IsTheExactProduct) {
  if (!has_avx512_bf16()) GTEST_SKIP() << "needs AVX-512 BF16";
  constexpr int kGroup = gemm::kGroup<TypeParam>;
  for (const int rows : {1, 5, 6, 7, 13})
    for (const std::ptrdiff_t columns : {16, 32, 64, 80})
      for (const int groups : {1, 3}) {
        const std::ptrdiff_t a_step = kGroup * groups + 1, c_step = columns + 4;
        const auto a = [](int row, int i) { return (row * 7 + i * 3) % 11 - 5; };
        const auto b = [](int i, std::ptrdiff_t column) { return static_cast<int>((i * 5 + column * 2) % 13) - 6; };
        std::vector<TypeParam> left(static_cast<std::size_t>(rows * a_step));
        std::vector<TypeParam> right(static_cast<std::size_t>(kGroup * groups * columns));
        for (int i = 0; i < kGroup * groups; ++i) {
          for (int row = 0; row < rows; ++row) left[row * a_step + i] = to_value<TypeParam>(a(row, i));
          for (std::ptrdiff_t n = 0; n < columns; ++n)
            right[(i / kGroup * columns + n) * kGroup + i % kGroup] = to_value<TypeParam>(b(i, n));
        }
        std::vector<float> product(static_cast<std::size_t>(rows * c_step), -1.F);
        gemm::gemm(left.data(), a_step, rows, right.data(), kGroup * columns, columns, groups, product.data(), c_step);
        for (int row = 0; row < rows; ++row)
          for (std::ptrdiff_t n = 0; n < c_step; ++n) {
            int sum = n < columns ? 0 : -1;  // between the rows nothing is written
            for (int i = 0; i < kGroup * groups && n < columns; ++i) sum += a(row, i) * b(i, n);
            ASSERT_EQ(product[row * c_step + n], static_cast<float>(sum)) << rows << " " << columns << " " << groups;
          }
      }
}

// Rows in two parts, added to what is there.
TYPED_TEST(Gemm, GathersPartsOfRows) {
  if (!has_avx512_bf16()) GTEST_SKIP() << "needs AVX-512 BF16";
  constexpr int kGroup = gemm::kGroup<TypeParam>;
  std::vector<TypeParam> values, ones(static_cast<std::size_t>(2 * kGroup * 16), to_value<TypeParam>(1));
  for (int i = 0; i < 8 * kGroup; ++i) values.push_back(to_value<TypeParam>(i));
  const std::array<const TypeParam*, 2> starts = {values.data() + 4 * kGroup, values.data()};
  const std::array<std::ptrdiff_t, 2> offsets = {0, 2 * kGroup};
  std::vector<float> sums(2 * 16, 100.F);
  gemm::gemm(gemm::Rows<TypeParam>{starts.data(), offsets.data(), 2, 1}, 2, ones.data(), 16 * kGroup, 16, /*add=*/true,
             sums.data(), 16);
  for (int row = 0; row < 2; ++row) {
    int sum = 100;
    for (int part = 0; part < 2; ++part)
      for (int i = 0; i < kGroup; ++i) sum += (row == 0 ? 4 * kGroup : 0) + 2 * kGroup * part + i;
    EXPECT_EQ(sums[static_cast<std::size_t>(row) * 16], static_cast<float>(sum));
  }
}

}  // namespace
}  // namespace ldznet

#endif

#include "compute/bf16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <vector>

#include "compute/cpu.h"

#if defined(__x86_64__)

namespace ldznet {
namespace {

/// Exact for small integers.
bf16::Bits to_bits(int value) {
  return static_cast<bf16::Bits>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16);
}

// Small integers, whose products and sums are exact in bfloat16 and float32.
TEST(Gemm, IsTheExactProduct) {
  if (!has_avx512_bf16()) GTEST_SKIP() << "needs AVX-512 BF16";
  for (const int rows : {1, 5, 6, 7, 13})
    for (const std::ptrdiff_t columns : {16, 32, 64, 80})
      for (const int pairs : {1, 3}) {
        const std::ptrdiff_t a_step = 2 * pairs + 1, c_step = columns + 4;
        const auto a = [](int row, int i) { return (row * 7 + i * 3) % 11 - 5; };
        const auto b = [](int i, std::ptrdiff_t column) { return static_cast<int>((i * 5 + column * 2) % 13) - 6; };
        std::vector<bf16::Bits> left(static_cast<std::size_t>(rows * a_step));
        std::vector<bf16::Bits> right(static_cast<std::size_t>(2 * pairs * columns));
        for (int i = 0; i < 2 * pairs; ++i) {
          for (int row = 0; row < rows; ++row) left[row * a_step + i] = to_bits(a(row, i));
          for (std::ptrdiff_t n = 0; n < columns; ++n) right[(i / 2 * columns + n) * 2 + i % 2] = to_bits(b(i, n));
        }
        std::vector<float> product(static_cast<std::size_t>(rows * c_step), -1.F);
        bf16::gemm(left.data(), a_step, rows, right.data(), 2 * columns, columns, pairs, product.data(), c_step);
        for (int row = 0; row < rows; ++row)
          for (std::ptrdiff_t n = 0; n < c_step; ++n) {
            int sum = n < columns ? 0 : -1;  // between the rows nothing is written
            for (int i = 0; i < 2 * pairs && n < columns; ++i) sum += a(row, i) * b(i, n);
            ASSERT_EQ(product[row * c_step + n], static_cast<float>(sum)) << rows << " " << columns << " " << pairs;
          }
      }
}

}  // namespace
}  // namespace ldznet

#endif

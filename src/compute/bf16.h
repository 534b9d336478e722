#pragma once

#include <cstddef>
#include <cstdint>

/// bfloat16 matrix products with AVX-512 BF16, the basis of attention and convolution. Call these functions only when
/// has_avx512_bf16() is true.
#if defined(__x86_64__)

#include <immintrin.h>

#define LDZNET_AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace ldznet::bf16 {

using Bits = std::uint16_t;  ///< a bfloat16, the upper half of a float

constexpr int kRows = 6;     ///< rows of a register tile
constexpr int kVectors = 4;  ///< 16-column vectors of a register tile (24 sums, 4 columns, 1 broadcast: 29 registers)
constexpr std::ptrdiff_t kLanes = 16;  ///< floats of a vector

/// Loads 16 bfloat16 as floats.
LDZNET_AVX512_BF16 inline __m512 load(const Bits* from) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

/// Stores 16 floats as bfloat16, rounded to nearest even.
LDZNET_AVX512_BF16 inline void store(Bits* to, __m512 values) {
  const __m256bh half = _mm512_cvtneps_pbh(values);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)half);
}

/// c (M rows, N vectors) = a (M rows, 2 * pairs columns) times b, packed as [pairs][columns][2].
/// `b_step`: bfloat16 elements from one pair of rows of b to the next.
template <int M, int N>
LDZNET_AVX512_BF16 void tile(const Bits* a, std::ptrdiff_t a_step, const Bits* b, std::ptrdiff_t b_step, int pairs,
                             float* c, std::ptrdiff_t c_step) {
  __m512 sum[M][N];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) sum[m][n] = _mm512_setzero_ps();
  for (int p = 0; p < pairs; ++p) {
    __m512bh columns[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) columns[n] = (__m512bh)_mm512_loadu_si512(b + p * b_step + 2 * kLanes * n);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      int both;
      __builtin_memcpy(&both, a + m * a_step + std::ptrdiff_t{2} * p, sizeof both);
      const __m512bh row = (__m512bh)_mm512_set1_epi32(both);
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) sum[m][n] = _mm512_dpbf16_ps(sum[m][n], row, columns[n]);
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) _mm512_storeu_ps(c + m * c_step + n * kLanes, sum[m][n]);
}

/// Calls tile<M, vectors>, for 1 to kVectors vectors.
template <int M, typename... Arguments>
void tile_of(std::ptrdiff_t vectors, Arguments... arguments) {
  switch (vectors) {
    case 1:
      return tile<M, 1>(arguments...);
    case 2:
      return tile<M, 2>(arguments...);
    case 3:
      return tile<M, 3>(arguments...);
    default:
      return tile<M, kVectors>(arguments...);
  }
}

/// Calls tile<rows, vectors>, for 1 to kRows rows.
template <typename... Arguments>
void tile_of(int rows, std::ptrdiff_t vectors, Arguments... arguments) {
  switch (rows) {
    case 1:
      return tile_of<1>(vectors, arguments...);
    case 2:
      return tile_of<2>(vectors, arguments...);
    case 3:
      return tile_of<3>(vectors, arguments...);
    case 4:
      return tile_of<4>(vectors, arguments...);
    case 5:
      return tile_of<5>(vectors, arguments...);
    default:
      return tile_of<kRows>(vectors, arguments...);
  }
}

/// c (rows, columns) = a (rows, 2 * pairs) times b ([pairs][columns][2]); columns is a multiple of 16. The steps are
/// the strides of rows of a, pairs of rows of b, and rows of c, in elements.
inline void gemm(const Bits* a, std::ptrdiff_t a_step, int rows, const Bits* b, std::ptrdiff_t b_step,
                 std::ptrdiff_t columns, int pairs, float* c, std::ptrdiff_t c_step) {
  for (std::ptrdiff_t n = 0; n < columns; n += kVectors * kLanes) {
    const std::ptrdiff_t left = (columns - n) / kLanes;
    const std::ptrdiff_t vectors = left < kVectors ? left : kVectors;
    for (int m = 0; m < rows; m += kRows) {
      const int count = rows - m < kRows ? rows - m : kRows;
      tile_of(count, vectors, a + m * a_step, a_step, b + 2 * n, b_step, pairs, c + m * c_step + n, c_step);
    }
  }
}

}  // namespace ldznet::bf16

#endif

#pragma once

#include "compute/avx512.h"

/// Matrix products of small blocks with AVX-512, the basis of attention, convolution and linear layers: of bfloat16
/// with float32 sums, and of float32. Call these functions only when has_avx512_bf16() is true.
#if defined(__x86_64__)

namespace ldznet::gemm {

using avx512::Bits;
using avx512::kLanes;

constexpr int kRows = 6;     ///< rows of a register tile
constexpr int kVectors = 4;  ///< 16-column vectors of a register tile (24 sums, 4 columns, 1 broadcast: 29 registers)

inline std::int64_t ceil_divide(std::int64_t count, std::int64_t by) { return (count + by - 1) / by; }
inline std::int64_t round_up(std::int64_t count, std::int64_t to) { return ceil_divide(count, to) * to; }

/// Values of a row that one lane multiplies at a time: pairs of bfloat16, single floats. A group has 32 bits.
template <typename T>
constexpr int kGroup = static_cast<int>(sizeof(float) / sizeof(T));

LDZNET_AVX512_BF16 inline __m512 multiply_add(__m512 sum, __m512i a, __m512i b, Bits /*type*/) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}
LDZNET_AVX512_BF16 inline __m512 multiply_add(__m512 sum, __m512i a, __m512i b, float /*type*/) {
  return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
}

/// The left matrix: each of its rows is the concatenation of `parts` pieces of `groups` groups, which start at the
/// row's address plus the part's offset (in elements). A convolution's parts are the pixels under its kernel.
template <typename T>
struct Rows {
  const T* const* starts;
  const std::ptrdiff_t* offsets;
  int parts, groups;
};

/// c (M rows, N vectors) = a (M rows) times b, packed as [parts * groups][columns][kGroup]; with `add`, c += .
/// `b_step`: elements from one group of rows of b to the next.
template <int M, int N, typename T>
LDZNET_AVX512_BF16 void tile(const Rows<T>& a, int first_row, const T* b, std::ptrdiff_t b_step, bool add, float* c,
                             std::ptrdiff_t c_step) {
  __m512 sum[M][N];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) sum[m][n] = add ? _mm512_loadu_ps(c + m * c_step + n * kLanes) : _mm512_setzero_ps();
  for (int part = 0; part < a.parts; ++part) {
    const T* rows[M];
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) rows[m] = a.starts[first_row + m] + a.offsets[part];
    for (int p = 0; p < a.groups; ++p, b += b_step) {
      __m512i columns[N];
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) columns[n] = _mm512_loadu_si512(b + kGroup<T> * kLanes * n);
#pragma GCC unroll 8
      for (int m = 0; m < M; ++m) {
        int group;
        __builtin_memcpy(&group, rows[m] + std::ptrdiff_t{kGroup<T>} * p, sizeof group);
        const __m512i row = _mm512_set1_epi32(group);
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) sum[m][n] = multiply_add(sum[m][n], row, columns[n], T{});
      }
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) _mm512_storeu_ps(c + m * c_step + n * kLanes, sum[m][n]);
}

/// Calls tile<M, vectors>, for 1 to kVectors vectors.
template <int M, typename... Arguments>
void tile_of(std::ptrdiff_t vectors, const Arguments&... arguments) {
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
void tile_of(int rows, std::ptrdiff_t vectors, const Arguments&... arguments) {
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

/// c (rows, columns) = a times b ([parts * groups][columns][kGroup]), or c += with `add`; columns is a multiple of 16.
/// The steps are the strides of groups of rows of b, and rows of c, in elements.
template <typename T>
void gemm(const Rows<T>& a, int rows, const T* b, std::ptrdiff_t b_step, std::ptrdiff_t columns, bool add, float* c,
          std::ptrdiff_t c_step) {
  for (std::ptrdiff_t n = 0; n < columns; n += kVectors * kLanes) {
    const std::ptrdiff_t left = (columns - n) / kLanes;
    const std::ptrdiff_t vectors = left < kVectors ? left : kVectors;
    for (int m = 0; m < rows; m += kRows) {
      const int count = rows - m < kRows ? rows - m : kRows;
      tile_of(count, vectors, a, m, b + kGroup<T> * n, b_step, add, c + m * c_step + n, c_step);
    }
  }
}

/// The same for rows of one part, with `a_step` elements from one to the next; at most 64.
template <typename T>
void gemm(const T* a, std::ptrdiff_t a_step, int rows, const T* b, std::ptrdiff_t b_step, std::ptrdiff_t columns,
          int groups, float* c, std::ptrdiff_t c_step) {
  const T* starts[64];
  for (int row = 0; row < rows; ++row) starts[row] = a + row * a_step;
  const std::ptrdiff_t offset = 0;
  gemm(Rows<T>{starts, &offset, 1, groups}, rows, b, b_step, columns, false, c, c_step);
}

}  // namespace ldznet::gemm

#endif

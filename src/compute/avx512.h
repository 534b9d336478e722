#pragma once

#include <cstddef>
#include <cstdint>

/// float32 and bfloat16 values in AVX-512 registers. Call these functions only when has_avx512_bf16() is true.
#if defined(__x86_64__)

#include <immintrin.h>

#define LDZNET_AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace ldznet::avx512 {

using Bits = std::uint16_t;  ///< a bfloat16, the upper half of a float

constexpr std::ptrdiff_t kLanes = 16;  ///< floats of a vector

/// The first `count` of 16 lanes.
LDZNET_AVX512_BF16 inline __mmask16 first_lanes(std::ptrdiff_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFF : (1U << count) - 1);
}

/// Loads 16 values as floats.
LDZNET_AVX512_BF16 inline __m512 load(const float* from) { return _mm512_loadu_ps(from); }
LDZNET_AVX512_BF16 inline __m512 load(const Bits* from) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

/// Loads the first `count` of 16 values as floats; the others are 0 and not read.
LDZNET_AVX512_BF16 inline __m512 load_first(const float* from, int count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), from);
}
LDZNET_AVX512_BF16 inline __m512 load_first(const Bits* from, int count) {
  const __m256i half = _mm256_maskz_loadu_epi16(first_lanes(count), from);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

/// Stores 16 floats; as bfloat16 rounded to nearest even.
LDZNET_AVX512_BF16 inline void store(float* to, __m512 values) { _mm512_storeu_ps(to, values); }
LDZNET_AVX512_BF16 inline void store(Bits* to, __m512 values) {
  const __m256bh half = _mm512_cvtneps_pbh(values);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)half);
}

/// Stores 16 pairs of bfloat16.
LDZNET_AVX512_BF16 inline void store_pairs(Bits* to, __m512 first, __m512 second) {
  const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(first));
  const __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(second));
  _mm512_storeu_si512(to, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
}

/// Like store() for the first `count` of 16 floats.
LDZNET_AVX512_BF16 inline void store_first(float* to, __m512 values, int count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), values);
}
LDZNET_AVX512_BF16 inline void store_first(Bits* to, __m512 values, int count) {
  const __m256bh half = _mm512_cvtneps_pbh(values);
  _mm256_mask_storeu_epi16(to, first_lanes(count), (__m256i)half);
}

/// 2^x, accurate to float32. The polynomial is on [-1/2, 1/2].
LDZNET_AVX512_BF16 inline __m512 power_of_two(__m512 x) {
  // 2^200 overflows to infinity and 2^-200 underflows to 0, as they should; an infinite exponent would give NaN.
  // The second operand is the result if one is NaN.
  const __m512 power = _mm512_max_ps(_mm512_set1_ps(-200.0F), _mm512_min_ps(_mm512_set1_ps(200.0F), x));
  const __m512 whole = _mm512_roundscale_ps(power, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 rest = _mm512_sub_ps(power, whole);
  __m512 sum = _mm512_set1_ps(1.53533063e-4F);
  for (const float factor : {1.33988703e-3F, 9.61843736e-3F, 5.55033247e-2F, 2.40226479e-1F, 6.93147182e-1F, 1.0F})
    sum = _mm512_fmadd_ps(sum, rest, _mm512_set1_ps(factor));
  return _mm512_scalef_ps(sum, whole);
}

/// e^x, accurate to float32.
LDZNET_AVX512_BF16 inline __m512 exp(__m512 x) { return power_of_two(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504F))); }

/// x times the normal distribution function of x, as at::gelu without approximation. The error function is that of
/// Abramowitz and Stegun, 7.1.26, with an error below 1.5e-7.
LDZNET_AVX512_BF16 inline __m512 gelu(__m512 x) {
  const __m512 one = _mm512_set1_ps(1.0F);
  const __m512 z = _mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(0.70710678F));
  const __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(z, _mm512_set1_ps(0.3275911F), one));
  __m512 sum = _mm512_set1_ps(1.061405429F);
  for (const float factor : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F})
    sum = _mm512_fmadd_ps(sum, t, _mm512_set1_ps(factor));
  const __m512 tail =
      _mm512_mul_ps(_mm512_mul_ps(sum, t), exp(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_mul_ps(z, z))));
  // The distribution function of -|x|; that of a positive x is 1 minus it.
  const __m512 half = _mm512_mul_ps(tail, _mm512_set1_ps(0.5F));
  const __mmask16 positive = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ);
  return _mm512_mul_ps(x, _mm512_mask_sub_ps(half, positive, one, half));
}

/// Transposes 16 x 16 values of 32 bits.
LDZNET_AVX512_BF16 inline void transpose(__m512i lines[16]) {
  __m512i parts[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {  // 2 x 2 values of two lines, then of four, within quarters of a register
    parts[i] = _mm512_unpacklo_epi32(lines[i], lines[i + 1]);
    parts[i + 1] = _mm512_unpackhi_epi32(lines[i], lines[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    lines[i] = _mm512_unpacklo_epi64(parts[i], parts[i + 2]);
    lines[i + 1] = _mm512_unpackhi_epi64(parts[i], parts[i + 2]);
    lines[i + 2] = _mm512_unpacklo_epi64(parts[i + 1], parts[i + 3]);
    lines[i + 3] = _mm512_unpackhi_epi64(parts[i + 1], parts[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {  // then the quarters themselves
    const __m512i a = _mm512_shuffle_i32x4(lines[i], lines[i + 4], 0x88);
    const __m512i b = _mm512_shuffle_i32x4(lines[i], lines[i + 4], 0xDD);
    const __m512i c = _mm512_shuffle_i32x4(lines[i + 8], lines[i + 12], 0x88);
    const __m512i d = _mm512_shuffle_i32x4(lines[i + 8], lines[i + 12], 0xDD);
    parts[i] = _mm512_shuffle_i32x4(a, c, 0x88);
    parts[i + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
    parts[i + 8] = _mm512_shuffle_i32x4(a, c, 0xDD);
    parts[i + 12] = _mm512_shuffle_i32x4(b, d, 0xDD);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) lines[i] = parts[i];
}

}  // namespace ldznet::avx512

#endif

#include "compute/attention.h"

#include <ATen/Parallel.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "compute/avx512.h"
#include "compute/cpu.h"
#include "compute/gemm.h"
#include "compute/value_type.h"

namespace ldznet {

#if defined(__x86_64__)

namespace {

using avx512::Bits;
using avx512::kLanes;

// Queries per block: a multiple of the register tile's rows, few enough for the second-level cache.
constexpr int kQueries = 36;

struct Sizes {
  std::ptrdiff_t width, queries, keys;              ///< d, N and M of one head
  std::ptrdiff_t padded_width, padded_keys;         ///< rounded up to multiples of 16
  std::ptrdiff_t q_step, k_step, v_step, out_step;  ///< stride from one token to the next
};

/// Packs keys (M,d) as [d / group][padded M][group].
template <typename T>
void pack_keys(const T* k, const Sizes& s, T* packed) {
  constexpr std::ptrdiff_t kGroup = gemm::kGroup<T>;
  for (std::ptrdiff_t group = 0; group < s.width / kGroup; ++group)
    for (std::ptrdiff_t key = 0; key < s.padded_keys; ++key)
      for (std::ptrdiff_t i = 0; i < kGroup; ++i)
        packed[(group * s.padded_keys + key) * kGroup + i] =
            key < s.keys ? k[key * s.k_step + kGroup * group + i] : T{0};
}

/// Packs values (M,d) as [padded M / group][padded d][group].
template <typename T>
void pack_values(const T* v, const Sizes& s, T* packed) {
  constexpr std::ptrdiff_t kGroup = gemm::kGroup<T>;
  for (std::ptrdiff_t key = 0; key < s.padded_keys; ++key)
    for (std::ptrdiff_t i = 0; i < s.padded_width; ++i)
      packed[(key / kGroup * s.padded_width + i) * kGroup + key % kGroup] =
          key < s.keys && i < s.width ? v[key * s.v_step + i] : T{0};
}

/// 2^x for x <= 0 with a relative error below 2^-14, enough for results that are rounded to bfloat16.
LDZNET_AVX512_BF16 __m512 power_of_two(__m512 x, Bits /*type*/) {
  const __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 part = _mm512_sub_ps(x, whole);
  __m512 sum = _mm512_set1_ps(0.00961813F);
  for (const float factor : {0.05550411F, 0.24022651F, 0.69314718F, 1.0F})
    sum = _mm512_fmadd_ps(sum, part, _mm512_set1_ps(factor));
  return _mm512_scalef_ps(sum, whole);
}

LDZNET_AVX512_BF16 __m512 power_of_two(__m512 x, float /*type*/) { return avx512::power_of_two(x); }

/// Writes the unnormalized softmax of a row of scores, with 0 for the padding. Returns the sum to divide by.
template <typename T>
LDZNET_AVX512_BF16 float softmax(float* scores, std::ptrdiff_t keys, std::ptrdiff_t padded, float scale, T* out) {
  const float lowest = -INFINITY;
  for (std::ptrdiff_t i = keys; i < padded; ++i) scores[i] = lowest;
  __m512 most = _mm512_set1_ps(lowest);
  for (std::ptrdiff_t i = 0; i < padded; i += kLanes) most = _mm512_max_ps(most, _mm512_loadu_ps(scores + i));
  const __m512 factor = _mm512_set1_ps(scale);
  const __m512 top = _mm512_mul_ps(_mm512_set1_ps(_mm512_reduce_max_ps(most)), factor);
  __m512 sum = _mm512_setzero_ps();
  for (std::ptrdiff_t i = 0; i < padded; i += kLanes) {
    const __m512 x = _mm512_fmsub_ps(_mm512_loadu_ps(scores + i), factor, top);
    const __m512 p = power_of_two(_mm512_max_ps(_mm512_set1_ps(-200.0F), x), T{});  // negligible already; keeps NaN
    sum = _mm512_add_ps(sum, p);
    avx512::store(out + i, p);
  }
  for (std::ptrdiff_t i = keys; i < padded; ++i) out[i] = T{0};
  return _mm512_reduce_add_ps(sum);
}

/// Multiplies every row by its factor and writes it.
template <typename T>
LDZNET_AVX512_BF16 void write_rows(const float* from, int rows, const float* factors, const Sizes& s, T* out) {
  for (int row = 0; row < rows; ++row) {
    const __m512 factor = _mm512_set1_ps(factors[row]);
    for (std::ptrdiff_t i = 0; i < s.width; i += kLanes) {
      const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(from + row * s.padded_width + i), factor);
      const auto count = static_cast<int>(std::min(s.width - i, kLanes));
      avx512::store_first(out + row * s.out_step + i, scaled, count);
    }
  }
}

/// Buffers for one block's intermediate results.
template <typename T>
struct Scratch {
  std::vector<float> scores, sums;
  std::vector<T> weights;
  explicit Scratch(const Sizes& s)
      : scores(static_cast<std::size_t>(kQueries) * s.padded_keys),
        sums(static_cast<std::size_t>(kQueries) * s.padded_width),
        weights(static_cast<std::size_t>(kQueries) * s.padded_keys) {}
};

/// Computes attention for one block of queries of one head.
template <typename T>
void attend_block(const T* q, const T* keys, const T* values, const Sizes& s, int rows, Scratch<T>& scratch, T* out) {
  constexpr int kGroup = gemm::kGroup<T>;
  gemm::gemm(q, s.q_step, rows, keys, kGroup * s.padded_keys, s.padded_keys, static_cast<int>(s.width / kGroup),
             scratch.scores.data(), s.padded_keys);
  const float scale = 1.44269504F / std::sqrt(static_cast<float>(s.width));  // times log2(e): e^x is a power of two
  float factors[kQueries];
  for (int row = 0; row < rows; ++row) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(row) * s.padded_keys;
    factors[row] = 1 / softmax(scratch.scores.data() + at, s.keys, s.padded_keys, scale, scratch.weights.data() + at);
  }
  gemm::gemm(scratch.weights.data(), s.padded_keys, rows, values, kGroup * s.padded_width, s.padded_width,
             static_cast<int>(s.padded_keys / kGroup), scratch.sums.data(), s.padded_width);
  write_rows(scratch.sums.data(), rows, factors, s, out);
}

template <typename T>
const T* values_of(const at::Tensor& tensor) {
  return static_cast<const T*>(tensor.const_data_ptr());
}

template <typename T>
void attend_heads(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads, const Sizes& s,
                  at::Tensor& out) {
  const std::int64_t all_heads = q.size(0) * heads;
  const std::int64_t key_size = s.width * s.padded_keys;
  const std::int64_t value_size = s.padded_width * s.padded_keys;
  at::Tensor packed = at::empty({all_heads, key_size + value_size}, q.options());
  auto* const pack = static_cast<T*>(packed.mutable_data_ptr());
  const auto head_of = [&](const at::Tensor& tensor, std::int64_t i) {
    return i / heads * tensor.stride(0) + i % heads * s.width;
  };
  at::parallel_for(0, all_heads, 1, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; ++i) {
      T* const keys = pack + i * (key_size + value_size);
      pack_keys(values_of<T>(k) + head_of(k, i), s, keys);
      pack_values(values_of<T>(v) + head_of(v, i), s, keys + key_size);
    }
  });
  const std::int64_t blocks = gemm::ceil_divide(s.queries, kQueries);
  auto* const result = static_cast<T*>(out.mutable_data_ptr());
  at::parallel_for(0, all_heads * blocks, 1, [&](std::int64_t first, std::int64_t end) {
    Scratch<T> scratch(s);
    for (std::int64_t i = first; i < end; ++i) {
      const std::int64_t head = i / blocks, row = i % blocks * kQueries;
      const T* const keys = pack + head * (key_size + value_size);
      const int rows = static_cast<int>(std::min<std::int64_t>(kQueries, s.queries - row));
      attend_block(values_of<T>(q) + head_of(q, head) + row * s.q_step, keys, keys + key_size, s, rows, scratch,
                   result + head_of(out, head) + row * s.out_step);
    }
  });
}

}  // namespace

bool can_attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads) {
  if (!has_avx512_bf16() || heads < 1) return false;
  if (q.scalar_type() != at::kBFloat16 && q.scalar_type() != at::kFloat) return false;
  for (const at::Tensor* tensor : {&q, &k, &v})
    if (tensor->dim() != 3 || tensor->size(0) != q.size(0) || tensor->size(2) != q.size(2)) return false;
  if (k.size(1) != v.size(1) || k.size(1) == 0 || q.size(2) % (2 * heads) != 0) return false;
  for (const at::Tensor* tensor : {&q, &k, &v})
    if (!tensor->is_cpu() || tensor->scalar_type() != q.scalar_type() || tensor->stride(2) != 1) return false;
  return true;
}

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads) {
  RECORD_FUNCTION("ldznet::attend", c10::ArrayRef<const c10::IValue>({q, k}));
  at::Tensor out = at::empty(q.sizes(), q.options(), at::MemoryFormat::Contiguous);
  Sizes s{};
  s.width = q.size(2) / heads;
  s.queries = q.size(1);
  s.keys = k.size(1);
  s.padded_width = gemm::round_up(s.width, kLanes);
  s.padded_keys = gemm::round_up(s.keys, kLanes);
  s.q_step = q.stride(1), s.k_step = k.stride(1), s.v_step = v.stride(1), s.out_step = out.stride(1);
  with_value_type(q, [&]<typename T>(T /*type*/) { attend_heads<T>(q, k, v, heads, s, out); });
  return out;
}

#else

bool can_attend(const at::Tensor&, const at::Tensor&, const at::Tensor&, std::int64_t) { return false; }
at::Tensor attend(const at::Tensor&, const at::Tensor&, const at::Tensor&, std::int64_t) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}

#endif

}  // namespace ldznet

#include "compute/linear.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "compute/avx512.h"
#include "compute/cpu.h"
#include "compute/gemm.h"

namespace ldznet {

#if defined(__x86_64__)

namespace {

using avx512::Bits;
using avx512::kLanes;

constexpr std::int64_t kColumns = 64;    // packed together: a register tile's columns
constexpr std::int64_t kRows = 48;       // products that stay in the first-level cache until they are finished
constexpr std::int64_t kTaskRows = 144;  // multiplied with the same columns, which stay in the second-level cache

/// x (rows, channels) times packed weights (columns, channels).
struct Product {
  std::int64_t rows, channels, columns;
  std::int64_t outputs;  ///< values of a row of the result
};

std::int64_t ceil_divide(std::int64_t count, std::int64_t by) { return (count + by - 1) / by; }

/// Adds the bias.
template <typename T>
LDZNET_AVX512_BF16 void finish_linear(const float* sums, const float* bias, const Product& product, std::int64_t rows,
                                      std::int64_t first, std::int64_t columns, T* out) {
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t i = 0; i < columns; i += kLanes)
      avx512::store(out + row * product.outputs + first + i,
                    _mm512_add_ps(avx512::load(sums + row * kColumns + i), avx512::load(bias + first + i)));
}

/// Adds the bias and gates the first half of the columns by the second.
template <typename T>
LDZNET_AVX512_BF16 void finish_geglu(const float* sums, const float* bias, const Product& product, std::int64_t rows,
                                     std::int64_t first, std::int64_t columns, T* out) {
  const std::int64_t half = columns / 2, output = first / 2;
  const float* const gate_bias = bias + product.outputs + output;
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t i = 0; i < half; i += kLanes) {
      const float* const sum = sums + row * kColumns + i;
      const __m512 value = _mm512_add_ps(avx512::load(sum), avx512::load(bias + output + i));
      const __m512 gate = _mm512_add_ps(avx512::load(sum + half), avx512::load(gate_bias + i));
      avx512::store(out + row * product.outputs + output + i, _mm512_mul_ps(value, avx512::gelu(gate)));
    }
}

/// Multiplies and writes `finish` of the sums.
template <typename T, typename Finish>
void multiply(const T* x, const T* packed, const Product& product, T* out, const Finish& finish) {
  const std::int64_t column_blocks = ceil_divide(product.columns, kColumns);
  const int groups = static_cast<int>(product.channels / gemm::kGroup<T>);
  at::parallel_for(
      0, ceil_divide(product.rows, kTaskRows) * column_blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        std::array<float, kRows * kColumns> sums;
        for (std::int64_t task = begin; task < end; ++task) {
          const std::int64_t first = task % column_blocks * kColumns, row_end = (task / column_blocks + 1) * kTaskRows;
          const std::int64_t columns = std::min(kColumns, product.columns - first);
          for (std::int64_t row = row_end - kTaskRows; row < std::min(row_end, product.rows); row += kRows) {
            const std::int64_t rows = std::min(kRows, product.rows - row);
            gemm::gemm(x + row * product.channels, product.channels, static_cast<int>(rows),
                       packed + first * product.channels, gemm::kGroup<T> * columns, columns, groups, sums.data(),
                       kColumns);
            finish(sums.data(), rows, first, columns, out + row * product.outputs);
          }
        }
      });
}

/// The float32 bias, zeros if there is none.
at::Tensor offsets(const std::optional<at::Tensor>& bias, std::int64_t columns) {
  return bias && bias->defined() ? bias->to(at::kFloat).contiguous() : at::zeros({columns}, at::kFloat);
}

template <typename T>
const T* data(const at::Tensor& tensor) {
  return static_cast<const T*>(tensor.const_data_ptr());
}

/// x (...,K), contiguous, times packed weights; returns (...,N).
at::Tensor apply(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias, bool gated) {
  TORCH_CHECK(has_avx512_bf16(), "this CPU has no AVX-512 BF16");
  TORCH_CHECK(x.dim() > 0 && packed.dim() == 2 && x.size(-1) == packed.size(1) &&
                  x.scalar_type() == packed.scalar_type() && (!bias || bias->numel() == packed.size(0)),
              "a linear layer's input ", x.sizes(), " does not match its packed weights ", packed.sizes());
  const at::Tensor rows = x.contiguous();
  Product product{};
  product.channels = packed.size(1), product.columns = packed.size(0);
  product.rows = x.numel() / product.channels;
  product.outputs = gated ? product.columns / 2 : product.columns;
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes.back() = product.outputs;
  at::Tensor out = at::empty(sizes, x.options(), at::MemoryFormat::Contiguous);
  const at::Tensor offset = offsets(bias, product.columns);
  const auto multiply_as = [&]<typename T>(T /*type*/) {
    const auto finish = [&](const float* sums, std::int64_t count, std::int64_t first, std::int64_t columns, T* to) {
      const auto* const added = offset.const_data_ptr<float>();
      if (gated)
        finish_geglu(sums, added, product, count, first, columns, to);
      else
        finish_linear(sums, added, product, count, first, columns, to);
    };
    multiply(data<T>(rows), data<T>(packed), product, static_cast<T*>(out.mutable_data_ptr()), finish);
  };
  if (x.scalar_type() == at::kFloat)
    multiply_as(float{});
  else
    multiply_as(Bits{});
  return out;
}

}  // namespace

bool can_pack_linear(const at::Tensor& weight) {
  const auto is_one = [](std::int64_t size) { return size == 1; };
  const at::IntArrayRef sizes = weight.sizes();
  if (!has_avx512_bf16() || !weight.is_cpu() || weight.dim() < 2 ||
      !std::all_of(sizes.begin() + 2, sizes.end(), is_one))
    return false;
  // AMX multiplies bfloat16 several times as fast.
  const bool type =
      weight.scalar_type() == at::kFloat || (weight.scalar_type() == at::kBFloat16 && !has_matrix_tiles());
  return type && weight.numel() > 0 && weight.size(0) % kLanes == 0 && weight.size(1) % 2 == 0;
}

bool can_pack_geglu(const at::Tensor& weight) {
  return can_pack_linear(weight) && weight.dim() == 2 && weight.size(0) % (2 * kLanes) == 0;
}

at::Tensor pack_linear(const at::Tensor& weight) {
  const at::Tensor rows = weight.flatten(1).contiguous();
  at::Tensor packed = at::empty(rows.sizes(), rows.options());
  const std::int64_t columns = rows.size(0);
  const std::int64_t groups = rows.size(1) * rows.element_size() / static_cast<std::int64_t>(sizeof(std::int32_t));
  const auto* const from = data<std::int32_t>(rows);  // a group has 32 bits
  auto* const to = static_cast<std::int32_t*>(packed.mutable_data_ptr());
  constexpr std::int64_t kStep = 16;  // groups of a cache line
  at::parallel_for(0, ceil_divide(columns, kColumns), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = begin * kColumns; first < std::min(end * kColumns, columns); first += kColumns) {
      const std::int64_t count = std::min(kColumns, columns - first);
      for (std::int64_t step = 0; step < groups; step += kStep)
        for (std::int64_t column = 0; column < count; ++column)
          for (std::int64_t group = step; group < std::min(step + kStep, groups); ++group)
            to[first * groups + group * count + column] = from[(first + column) * groups + group];
    }
  });
  return packed;
}

at::Tensor pack_geglu(const at::Tensor& weight) {
  const auto halves = weight.chunk(2, 0);
  std::vector<at::Tensor> blocks;  // 32 columns of values, then the 32 that gate them
  for (std::int64_t first = 0; first < halves[0].size(0); first += kColumns / 2)
    for (const at::Tensor& half : halves)
      blocks.push_back(half.narrow(0, first, std::min(kColumns / 2, half.size(0) - first)));
  return pack_linear(at::cat(blocks));
}

at::Tensor linear_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  return apply(x, packed, bias, /*gated=*/false);
}

at::Tensor geglu_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  return apply(x, packed, bias, /*gated=*/true);
}

#else

bool can_pack_linear(const at::Tensor&) { return false; }
bool can_pack_geglu(const at::Tensor&) { return false; }
at::Tensor pack_linear(const at::Tensor& weight) { return weight; }
at::Tensor pack_geglu(const at::Tensor& weight) { return weight; }
at::Tensor linear_packed(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}
at::Tensor geglu_packed(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}

#endif

at::Tensor pointwise_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  return linear_packed(x.movedim(1, -1), packed, bias).movedim(-1, 1);
}

}  // namespace ldznet

#include "compute/linear.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compute/panels.h"
#include "compute/value_type.h"

namespace ldznet {

#if defined(__x86_64__)

namespace {

using panels::kColumns;
using panels::Product;

/// Writes values plus bias, the first half of a panel's columns, gated by the second half.
template <typename T>
LDZNET_AVX512_BF16 void write_gated(const float* sums, const float* bias, const Product& product, std::int64_t row,
                                    std::int64_t rows, std::int64_t column, std::int64_t columns, T* out) {
  const std::int64_t half = columns / 2, outputs = product.columns / 2, first = column / 2;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < half; k += avx512::kLanes) {
      const float* const sum = sums + i * kColumns + k;
      const __m512 value = _mm512_add_ps(avx512::load(sum), avx512::load(bias + first + k));
      const __m512 gate = _mm512_add_ps(avx512::load(sum + half), avx512::load(bias + outputs + first + k));
      avx512::store(out + (row + i) * outputs + first + k, _mm512_mul_ps(value, avx512::gelu(gate)));
    }
}

/// x (...,K) times packed weights; returns (...,N), or (...,N / 2) if gated.
at::Tensor apply(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias, bool gated) {
  panels::check(x, packed, bias);
  TORCH_CHECK(x.dim() > 0 && x.size(-1) == packed.size(1) && packed.numel() == packed.size(0) * packed.size(1) &&
                  packed.size(1) % 2 == 0 && (!gated || packed.size(0) % (2 * avx512::kLanes) == 0),
              "a linear layer's input ", x.sizes(), " does not match its packed weights ", packed.sizes());
  const at::Tensor rows = x.contiguous();
  const Product product{x.numel() / x.size(-1), packed.size(0), x.size(-1), {0}};
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes.back() = gated ? product.columns / 2 : product.columns;
  at::Tensor out = at::empty(sizes, x.options(), at::MemoryFormat::Contiguous);
  const at::Tensor offset = panels::padded_bias(bias, product.columns);
  with_value_type(x, [&]<typename T>(T /*type*/) {
    const auto* const from = static_cast<const T*>(rows.const_data_ptr());
    auto* const to = static_cast<T*>(out.mutable_data_ptr());
    panels::multiply(
        product, static_cast<const T*>(packed.const_data_ptr()),
        [&](std::int64_t row) { return from + row * product.channels; },
        [&](const float* sums, std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t columns) {
          const auto* const added = offset.const_data_ptr<float>();
          if (gated)
            write_gated(sums, added, product, row, count, column, columns, to);
          else
            panels::write_sums(sums, added, product, row, count, column, columns, to);
        });
  });
  return out;
}

}  // namespace

bool can_pack_linear(const at::Tensor& weight) {
  const auto is_one = [](std::int64_t size) { return size == 1; };
  const at::IntArrayRef sizes = weight.sizes();
  // bfloat16 is read in pairs, from rows that have no gap between them. A few outputs are not worth a vector.
  return can_use_panels(weight) && weight.dim() >= 2 && std::all_of(sizes.begin() + 2, sizes.end(), is_one) &&
         weight.size(0) > 0 && weight.size(0) % 8 == 0 && weight.size(1) > 0 && weight.size(1) % 2 == 0;
}

bool can_pack_geglu(const at::Tensor& weight) {
  return can_pack_linear(weight) && weight.dim() == 2 && weight.size(0) % (2 * avx512::kLanes) == 0;
}

at::Tensor pack_geglu(const at::Tensor& weight) {
  return pack_panels(weight, [columns = weight.size(0)](std::int64_t column) {
    // Half a panel of values, then the half that gates them.
    const std::int64_t first = column / kColumns * kColumns, half = std::min(kColumns, columns - first) / 2;
    const std::int64_t within = column - first;
    return first / 2 + (within < half ? within : columns / 2 + within - half);
  });
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
at::Tensor pack_geglu(const at::Tensor& weight) { return weight; }
at::Tensor linear_packed(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}
at::Tensor geglu_packed(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}

#endif

at::Tensor pointwise_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  TORCH_CHECK(x.dim() > 1 && x.dim() == packed.dim(), "a convolution's input ", x.sizes(),
              " does not match its packed weights ", packed.sizes());
  return linear_packed(x.movedim(1, -1), packed, bias).movedim(-1, 1);
}

}  // namespace ldznet

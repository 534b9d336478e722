#include "compute/panels.h"

#include "compute/cpu.h"

namespace ldznet {

bool can_use_panels(const at::Tensor& weight) {
  const bool type =
      weight.scalar_type() == at::kFloat || (weight.scalar_type() == at::kBFloat16 && !has_matrix_tiles());
  return has_avx512_bf16() && weight.is_cpu() && type;
}

#if defined(__x86_64__)

namespace {

/// Packs a panel of `columns` columns, filled up with zeros to `padded`. A group has 32 bits.
void pack_panel(const std::int32_t* from, std::int64_t columns, std::int64_t padded, std::int64_t groups,
                std::int32_t* to) {
  constexpr std::int64_t kStep = 16;  // groups of a cache line
  if (columns < padded) std::fill_n(to, groups * padded, 0);
  for (std::int64_t step = 0; step < groups; step += kStep)
    for (std::int64_t column = 0; column < columns; ++column)
      for (std::int64_t group = step; group < std::min(step + kStep, groups); ++group)
        to[group * padded + column] = from[column * groups + group];
}

}  // namespace

at::Tensor pack_panels(const at::Tensor& weight) {
  const std::int64_t group = static_cast<std::int64_t>(sizeof(float)) / weight.element_size();
  const std::int64_t columns = weight.size(0), channels = weight.size(1);
  // (N, kernel pixels, K): for weights in channels-last format a view.
  at::Tensor rows = weight.reshape({columns, channels, -1}).transpose(1, 2);
  if (channels % group != 0) rows = at::constant_pad_nd(rows, {0, group - channels % group});
  rows = rows.contiguous();
  const std::int64_t depth = rows.size(1) * rows.size(2), groups = depth / group;
  const at::Tensor packed =
      at::empty({panels::round_up(columns, avx512::kLanes) * depth}, weight.options(), at::MemoryFormat::Contiguous);
  const auto* const from = static_cast<const std::int32_t*>(rows.const_data_ptr());
  auto* const to = static_cast<std::int32_t*>(packed.mutable_data_ptr());
  at::parallel_for(0, panels::ceil_divide(columns, panels::kColumns), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i * panels::kColumns, count = std::min(panels::kColumns, columns - first);
      pack_panel(from + first * groups, count, panels::round_up(count, avx512::kLanes), groups, to + first * groups);
    }
  });
  return packed.narrow(0, 0, weight.numel()).view(weight.sizes());  // keeps the storage, with the zeros
}

void panels::check(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  TORCH_CHECK(can_use_panels(packed), "this CPU does not multiply packed weights of this type");
  TORCH_CHECK(packed.dim() > 1 && packed.numel() > 0 && packed.is_contiguous() && x.is_cpu() &&
                  x.scalar_type() == packed.scalar_type() && (!bias || bias->numel() == packed.size(0)),
              "a layer's input ", x.sizes(), " does not match its packed weights ", packed.sizes());
  const std::int64_t group = static_cast<std::int64_t>(sizeof(float)) / packed.element_size();
  const std::int64_t depth = packed.numel() / packed.size(0) / packed.size(1) * round_up(packed.size(1), group);
  const auto bytes = static_cast<std::int64_t>(packed.storage().nbytes());
  TORCH_CHECK(bytes >= round_up(packed.size(0), avx512::kLanes) * depth * packed.element_size(), "weights of shape ",
              packed.sizes(), " are not packed");
}

at::Tensor panels::padded_bias(const std::optional<at::Tensor>& bias, std::int64_t columns) {
  const std::int64_t padded = round_up(columns, avx512::kLanes);
  if (!bias) return at::zeros({padded}, at::kFloat);
  const at::Tensor wide = bias->to(at::kFloat).contiguous();
  return padded == columns ? wide : at::constant_pad_nd(wide, {0, padded - columns});
}

#else

at::Tensor pack_panels(const at::Tensor& weight) { return weight; }

#endif

}  // namespace ldznet

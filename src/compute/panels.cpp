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

/// A panel to be: `columns` rows of weights (channels, pixels), and its place, with `padded` columns.
struct Panel {
  std::int64_t columns, padded, channels, pixels;
};

/// Packs whole groups of rows of one pixel: [group][column]. A group has 32 bits.
void pack_groups(const std::int32_t* from, const Panel& panel, std::int64_t groups, std::int32_t* to) {
  constexpr std::int64_t kStep = 16;  // groups of a cache line
  for (std::int64_t step = 0; step < groups; step += kStep)
    for (std::int64_t column = 0; column < panel.columns; ++column)
      for (std::int64_t group = step; group < std::min(step + kStep, groups); ++group)
        to[group * panel.padded + column] = from[column * groups + group];
}

/// Packs value by value: [pixel][channel / group][column][group]. T has the size of a weight.
template <typename T>
void pack_values(const T* from, const Panel& panel, T* to) {
  constexpr std::int64_t kStep = 16, kGroup = gemm::kGroup<T>;  // as many channels as stay in the cache
  const std::int64_t groups = panels::ceil_divide(panel.channels, kGroup);
  for (std::int64_t step = 0; step < panel.channels; step += kStep)
    for (std::int64_t column = 0; column < panel.columns; ++column)
      for (std::int64_t c = step; c < std::min(step + kStep, panel.channels); ++c)
        for (std::int64_t pixel = 0; pixel < panel.pixels; ++pixel)
          to[((pixel * groups + c / kGroup) * panel.padded + column) * kGroup + c % kGroup] =
              from[(column * panel.channels + c) * panel.pixels + pixel];
}

template <typename T>
void pack_panel(const T* from, const Panel& panel, std::int64_t size, T* to) {
  constexpr std::int64_t kGroup = gemm::kGroup<T>;
  const bool whole_groups = panel.channels % kGroup == 0;
  if (panel.columns < panel.padded || !whole_groups) std::fill_n(to, size, T{0});
  if (panel.pixels == 1 && whole_groups)
    pack_groups(reinterpret_cast<const std::int32_t*>(from), panel, panel.channels / kGroup,
                reinterpret_cast<std::int32_t*>(to));
  else
    pack_values(from, panel, to);
}

template <typename T>
void pack_all(const at::Tensor& weight, std::int64_t depth, at::Tensor& packed) {
  const std::int64_t columns = weight.size(0), row = weight.numel() / columns;
  const auto* const from = static_cast<const T*>(weight.const_data_ptr());
  auto* const to = static_cast<T*>(packed.mutable_data_ptr());
  at::parallel_for(0, panels::ceil_divide(columns, panels::kColumns), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i * panels::kColumns, count = std::min(panels::kColumns, columns - first);
      const std::int64_t padded = panels::round_up(count, avx512::kLanes);
      pack_panel(from + first * row, {count, padded, weight.size(1), row / weight.size(1)}, padded * depth,
                 to + first * depth);
    }
  });
}

/// Values of a packed row.
std::int64_t depth_of(const at::Tensor& weight) {
  return weight.numel() / weight.size(0) / weight.size(1) * panels::padded_channels(weight);
}

}  // namespace

at::Tensor pack_panels(const at::Tensor& weight) {
  const at::Tensor plain = weight.contiguous();
  const std::int64_t depth = depth_of(weight);
  at::Tensor packed = at::empty({panels::round_up(weight.size(0), avx512::kLanes) * depth}, weight.options());
  if (weight.scalar_type() == at::kFloat)
    pack_all<float>(plain, depth, packed);
  else
    pack_all<avx512::Bits>(plain, depth, packed);
  return packed.narrow(0, 0, weight.numel()).view(weight.sizes());  // keeps the storage, with the zeros
}

void panels::check(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  TORCH_CHECK(can_use_panels(packed), "this CPU does not multiply packed weights of this type");
  TORCH_CHECK(packed.dim() > 1 && packed.numel() > 0 && packed.is_contiguous() && x.is_cpu() &&
                  x.scalar_type() == packed.scalar_type() && (!bias || bias->numel() == packed.size(0)),
              "a layer's input ", x.sizes(), " does not match its packed weights ", packed.sizes());
  const auto bytes = static_cast<std::int64_t>(packed.storage().nbytes());
  TORCH_CHECK(bytes >= round_up(packed.size(0), avx512::kLanes) * depth_of(packed) * packed.element_size(),
              "weights of shape ", packed.sizes(), " are not packed");
}

std::int64_t panels::padded_channels(const at::Tensor& packed) {
  return round_up(packed.size(1), static_cast<std::int64_t>(sizeof(float)) / packed.element_size());
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

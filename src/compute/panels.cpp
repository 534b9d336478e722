#include "compute/panels.h"

#include "compute/cpu.h"
#include "compute/value_type.h"
#include "compute/weight_memory.h"

namespace ldznet {

bool can_use_panels(const at::Tensor& weight) {
  const bool type =
      weight.scalar_type() == at::kFloat || (weight.scalar_type() == at::kBFloat16 && !has_matrix_tiles());
  return has_avx512_bf16() && weight.is_cpu() && type;
}

#if defined(__x86_64__)

namespace {

/// Sixteen rows of weights, some of which may be missing, and the columns of a panel that they become.
struct Block {
  std::int64_t columns;           ///< rows that there are
  std::int64_t channels, pixels;  ///< of a row
  std::int64_t padded;            ///< columns of the panel
  bool has(std::int64_t column) const { return column < columns; }
};

/// Packs rows of one pixel in whole groups, of 32 bits each: [group][column].
LDZNET_AVX512_BF16 void pack_groups(const std::int32_t* from, const Block& block, std::int64_t groups,
                                    std::int32_t* to) {
  for (std::int64_t group = 0; group < groups; group += avx512::kLanes) {
    __m512i lines[avx512::kLanes];
    for (std::int64_t column = 0; column < avx512::kLanes; ++column)
      lines[column] = block.has(column) ? _mm512_maskz_loadu_epi32(avx512::first_lanes(groups - group),
                                                                   from + column * groups + group)
                                        : _mm512_setzero_si512();
    avx512::transpose(lines);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(avx512::kLanes, groups - group); ++i)
      _mm512_storeu_si512(to + (group + i) * block.padded, lines[i]);
  }
}

/// Loads a group's channels, of which `count` are there, for up to 16 pixels: [pixel][channel].
LDZNET_AVX512_BF16 __m512i load_group(const float* from, int pixels, std::int64_t /*count*/) {
  return _mm512_castps_si512(avx512::load_first(from, pixels));
}
LDZNET_AVX512_BF16 __m512i load_group(const avx512::Bits* from, int pixels, std::int64_t count) {
  const __m512i first = _mm512_castps_si512(avx512::load_first(from, pixels));  // in the upper halves
  const __m512i second = _mm512_castps_si512(avx512::load_first(from + pixels, count > 1 ? pixels : 0));
  return _mm512_or_si512(_mm512_srli_epi32(first, 16), second);
}

/// Packs rows of up to 16 pixels: [pixel][channel / group][column][group].
template <typename T>
LDZNET_AVX512_BF16 void pack_pixels(const T* from, const Block& block, T* to) {
  constexpr std::int64_t kGroup = gemm::kGroup<T>;
  const std::int64_t groups = panels::ceil_divide(block.channels, kGroup), row = block.channels * block.pixels;
  for (std::int64_t group = 0; group < groups; ++group) {
    __m512i lines[avx512::kLanes];
    for (std::int64_t column = 0; column < avx512::kLanes; ++column)
      lines[column] = block.has(column) ? load_group(from + column * row + group * kGroup * block.pixels,
                                                     static_cast<int>(block.pixels), block.channels - group * kGroup)
                                        : _mm512_setzero_si512();
    avx512::transpose(lines);
    for (std::int64_t pixel = 0; pixel < block.pixels; ++pixel)
      _mm512_storeu_si512(to + (pixel * groups + group) * block.padded * kGroup, lines[pixel]);
  }
}

/// The same value by value, for any number of pixels.
template <typename T>
void pack_values(const T* from, const Block& block, T* to) {
  constexpr std::int64_t kGroup = gemm::kGroup<T>;
  const std::int64_t groups = panels::ceil_divide(block.channels, kGroup);
  for (std::int64_t line = 0; line < block.pixels * groups; ++line)
    for (std::int64_t i = 0; i < avx512::kLanes * kGroup; ++i) {
      const std::int64_t column = i / kGroup, channel = line % groups * kGroup + i % kGroup;
      const bool is_there = block.has(column) && channel < block.channels;
      to[line * block.padded * kGroup + i] =
          is_there ? from[(column * block.channels + channel) * block.pixels + line / groups] : T{0};
    }
}

template <typename T>
void pack_block(const T* from, const Block& block, T* to) {
  if (block.pixels == 1 && block.channels % gemm::kGroup<T> == 0)
    pack_groups(reinterpret_cast<const std::int32_t*>(from), block, block.channels / gemm::kGroup<T>,
                reinterpret_cast<std::int32_t*>(to));
  else if (block.pixels <= avx512::kLanes)
    pack_pixels(from, block, to);
  else
    pack_values(from, block, to);
}

template <typename T>
void pack_all(const at::Tensor& weight, std::int64_t depth, const RowOrder& row_of, at::Tensor& packed) {
  const std::int64_t columns = weight.size(0), row = weight.numel() / columns;
  const auto* const from = static_cast<const T*>(weight.const_data_ptr());
  auto* const to = static_cast<T*>(packed.mutable_data_ptr());
  at::parallel_for(0, panels::ceil_divide(columns, panels::kColumns), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = begin * panels::kColumns; first < std::min(end * panels::kColumns, columns);
         first += panels::kColumns) {
      const std::int64_t padded = panels::round_up(std::min(panels::kColumns, columns - first), avx512::kLanes);
      for (std::int64_t column = 0; column < padded; column += avx512::kLanes)
        pack_block(from + row_of(first + column) * row,
                   {columns - first - column, weight.size(1), row / weight.size(1), padded},
                   to + first * depth + column * gemm::kGroup<T>);
    }
  });
}

/// Values of a packed row.
std::int64_t depth_of(const at::Tensor& weight) {
  return weight.numel() / weight.size(0) / weight.size(1) * panels::padded_channels(weight);
}

}  // namespace

at::Tensor pack_panels(const at::Tensor& weight, const RowOrder& row_of) {
  const at::Tensor plain = weight.contiguous();
  const std::int64_t depth = depth_of(weight);
  at::Tensor packed = empty_weight({panels::round_up(weight.size(0), avx512::kLanes) * depth}, weight.options());
  with_value_type(weight, [&]<typename T>(T /*type*/) { pack_all<T>(plain, depth, row_of, packed); });
  return packed.narrow(0, 0, weight.numel()).view(weight.sizes());  // keeps the storage, with the zeros
}

at::Tensor pack_panels(const at::Tensor& weight) {
  return pack_panels(weight, [](std::int64_t column) { return column; });
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
at::Tensor pack_panels(const at::Tensor& weight, const RowOrder&) { return weight; }

#endif

}  // namespace ldznet

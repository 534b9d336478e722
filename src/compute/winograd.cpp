#include "compute/winograd.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compute/avx512.h"
#include "compute/cpu.h"
#include "compute/gemm.h"
#include "compute/panels.h"
#include "compute/value_type.h"
#include "compute/weight_memory.h"

namespace ldznet {

#if defined(__x86_64__)

namespace {

using avx512::Bits;
using avx512::kLanes;

constexpr std::ptrdiff_t kTileElements = 16;         // of a 4 x 4 tile
constexpr int kKernelPixels = 9;                     // of a 3 x 3 kernel
constexpr std::int64_t kColumns = panels::kColumns;  // output channels multiplied at a time
constexpr std::int64_t kFewestBlocks = 4;            // of a batch; fixed, so that results do not depend on the threads
constexpr int kMostTiles = 48;                       // of a block; a multiple of the register tile's rows
constexpr std::int64_t kCache = 640 << 10;           // bytes of the second-level cache for a block's transformed tiles
// K * C. Wider layers have few pixels but most of the weights: packing them would cost much memory for little speed.
constexpr std::int64_t kMostWeights = std::int64_t{640} * 1280;

struct Sizes {
  std::int64_t channels, out_channels, height, width;
  std::int64_t tiles_across, tiles;  ///< tiles in a row of an image, and in the image
  std::ptrdiff_t block;              ///< tiles in a block
};

/// Transforms one 4 x 4 tile d to B' d B, in place, 16 channels at once.
LDZNET_AVX512_BF16 inline void transform_tile(__m512 d[kTileElements]) {
  for (int pass = 0; pass < 2; ++pass) {
    const std::ptrdiff_t along = pass == 0 ? 4 : 1, across = pass == 0 ? 1 : 4;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      __m512* const line = d + i * across;
      const __m512 first = _mm512_sub_ps(line[0], line[2 * along]);
      const __m512 second = _mm512_add_ps(line[along], line[2 * along]);
      const __m512 third = _mm512_sub_ps(line[2 * along], line[along]);
      const __m512 fourth = _mm512_sub_ps(line[along], line[3 * along]);
      line[0] = first, line[along] = second, line[2 * along] = third, line[3 * along] = fourth;
    }
  }
}

/// Reads and transforms the tile whose upper left pixel is (2 row - 1, 2 column - 1): [element][channel], with `step`
/// from one element to the next. Pixels outside the image are 0.
template <typename T>
LDZNET_AVX512_BF16 void read_tile(const T* image, const Sizes& s, std::int64_t row, std::int64_t column, T* out,
                                  std::ptrdiff_t step) {
  const T* pixels[kTileElements];
  for (std::ptrdiff_t element = 0; element < kTileElements; ++element) {
    const std::int64_t y = 2 * row - 1 + element / 4, x = 2 * column - 1 + element % 4;
    const bool inside = y >= 0 && y < s.height && x >= 0 && x < s.width;
    pixels[element] = inside ? image + (y * s.width + x) * s.channels : nullptr;
  }
  for (std::int64_t c = 0; c < s.channels; c += kLanes) {
    __m512 d[kTileElements];
#pragma GCC unroll 16
    for (std::ptrdiff_t element = 0; element < kTileElements; ++element)
      d[element] = pixels[element] != nullptr ? avx512::load(pixels[element] + c) : _mm512_setzero_ps();
    transform_tile(d);
#pragma GCC unroll 16
    for (std::ptrdiff_t element = 0; element < kTileElements; ++element)
      avx512::store(out + element * step + c, d[element]);
  }
}

/// Transforms one tile's products m back to A' m A, 16 channels at once, adds the bias and writes the 2 x 2 pixels from
/// (2 row, 2 column) on, as far as they are inside the image.
template <typename T>
LDZNET_AVX512_BF16 void write_tile(const float* products, std::ptrdiff_t step, const float* bias, const Sizes& s,
                                   std::int64_t row, std::int64_t column, std::int64_t first_channel,
                                   std::int64_t channels, T* image) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    __m512 half[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const __m512 a = _mm512_loadu_ps(products + i * step + c), b = _mm512_loadu_ps(products + (4 + i) * step + c);
      const __m512 d = _mm512_loadu_ps(products + (8 + i) * step + c),
                   e = _mm512_loadu_ps(products + (12 + i) * step + c);
      half[i] = _mm512_add_ps(_mm512_add_ps(a, b), d);
      half[4 + i] = _mm512_sub_ps(_mm512_sub_ps(b, d), e);
    }
    const __m512 offset = _mm512_loadu_ps(bias + first_channel + c);
#pragma GCC unroll 2
    for (int y = 0; y < 2; ++y) {
      const __m512* const m = half + std::ptrdiff_t{4} * y;
      const __m512 left = _mm512_add_ps(_mm512_add_ps(m[0], m[1]), _mm512_add_ps(m[2], offset));
      const __m512 right = _mm512_add_ps(_mm512_sub_ps(m[1], m[2]), _mm512_sub_ps(offset, m[3]));
      if (2 * row + y >= s.height) break;
      T* const pixel = image + ((2 * row + y) * s.width + 2 * column) * s.out_channels + first_channel + c;
      avx512::store(pixel, left);
      if (2 * column + 1 < s.width) avx512::store(pixel + s.out_channels, right);
    }
  }
}

/// Convolves the tiles first to first + count - 1 of an image.
template <typename T>
void convolve_block(const T* image, const T* weights, const float* bias, const Sizes& s, std::int64_t first, int count,
                    std::vector<T>& transformed, std::vector<float>& products, T* out) {
  const std::ptrdiff_t tile_step = s.block * s.channels, product_step = s.block * kColumns;
  for (int i = 0; i < count; ++i)
    read_tile(image, s, (first + i) / s.tiles_across, (first + i) % s.tiles_across, transformed.data() + i * s.channels,
              tile_step);
  for (std::int64_t k = 0; k < s.out_channels; k += kColumns) {
    const std::int64_t columns = std::min<std::int64_t>(kColumns, s.out_channels - k);
    for (std::ptrdiff_t element = 0; element < kTileElements; ++element)
      gemm::gemm(transformed.data() + element * tile_step, s.channels, count,
                 weights + (k * kTileElements + element * columns) * s.channels, gemm::kGroup<T> * columns, columns,
                 static_cast<int>(s.channels / gemm::kGroup<T>), products.data() + element * product_step, kColumns);
    for (int i = 0; i < count; ++i)
      write_tile(products.data() + i * kColumns, product_step, bias, s, (first + i) / s.tiles_across,
                 (first + i) % s.tiles_across, k, columns, out);
  }
}

/// Tiles per block: as many as fit into the cache, but at least kFewestBlocks blocks.
std::ptrdiff_t block_of(const Sizes& s, std::int64_t images, std::size_t value_size) {
  const std::int64_t fit = kCache / (kTileElements * s.channels * static_cast<std::int64_t>(value_size));
  const std::int64_t share = gemm::ceil_divide(images * s.tiles, kFewestBlocks);
  const std::int64_t tiles = std::clamp<std::int64_t>(std::min(fit, share), gemm::kRows, kMostTiles);
  return tiles / gemm::kRows * gemm::kRows;
}

/// Transforms 3 x 3 kernels g to G g G', G = [1 0 0; .5 .5 .5; .5 -.5 .5; 0 0 1], for 16 output channels at once.
LDZNET_AVX512_BF16 void transform_weights(const __m512 g[kKernelPixels], __m512 transformed[kTileElements]) {
  const __m512 half = _mm512_set1_ps(0.5F);
  const auto line = [half](const __m512* from, std::ptrdiff_t step, __m512* to, std::ptrdiff_t to_step)
                        LDZNET_AVX512_BF16 {
                          const __m512 ends = _mm512_add_ps(from[0], from[2 * step]);
                          to[0] = from[0], to[3 * to_step] = from[2 * step];
                          to[to_step] = _mm512_mul_ps(half, _mm512_add_ps(ends, from[step]));
                          to[2 * to_step] = _mm512_mul_ps(half, _mm512_sub_ps(ends, from[step]));
                        };
  __m512 rows[12];
  for (std::ptrdiff_t y = 0; y < 3; ++y) line(g + 3 * y, 1, rows + 4 * y, 1);
  for (std::ptrdiff_t x = 0; x < 4; ++x) line(rows + x, 4, transformed + x, 4);
}

/// Reads and transforms the kernels of 16 output channels, `step` values from one to the next.
template <typename T>
LDZNET_AVX512_BF16 void read_kernels(const T* from, std::int64_t step, __m512 transformed[kTileElements]) {
  __m512i lines[kLanes];
  for (std::int64_t i = 0; i < kLanes; ++i)
    lines[i] = _mm512_castps_si512(avx512::load_first(from + i * step, kKernelPixels));
  avx512::transpose(lines);
  __m512 g[kKernelPixels];
  for (int i = 0; i < kKernelPixels; ++i) g[i] = _mm512_castsi512_ps(lines[i]);
  transform_weights(g, transformed);
}

/// Packs `columns` output channels: [element][channel][column], or for bfloat16 [element][channel / 2][column][2].
LDZNET_AVX512_BF16 void pack_columns(const float* from, std::int64_t channels, std::int64_t columns, float* to) {
  __m512 transformed[kTileElements];
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t k = 0; k < columns; k += kLanes) {
      read_kernels(from + (k * channels + c) * kKernelPixels, channels * kKernelPixels, transformed);
      for (std::int64_t element = 0; element < kTileElements; ++element)
        avx512::store(to + (element * channels + c) * columns + k, transformed[element]);
    }
}

LDZNET_AVX512_BF16 void pack_columns(const Bits* from, std::int64_t channels, std::int64_t columns, Bits* to) {
  __m512 first[kTileElements], second[kTileElements];
  for (std::int64_t c = 0; c < channels; c += 2)
    for (std::int64_t k = 0; k < columns; k += kLanes) {
      read_kernels(from + (k * channels + c) * kKernelPixels, channels * kKernelPixels, first);
      read_kernels(from + (k * channels + c + 1) * kKernelPixels, channels * kKernelPixels, second);
      for (std::int64_t element = 0; element < kTileElements; ++element)
        avx512::store_pairs(to + (element * channels + c) * columns + 2 * k, first[element], second[element]);
    }
}

/// Transforms and packs weights (K,C,3,3).
template <typename T>
void pack(const at::Tensor& weight, at::Tensor& packed) {
  const std::int64_t out_channels = weight.size(0), channels = weight.size(1);
  const auto* const from = static_cast<const T*>(weight.const_data_ptr());
  auto* const to = static_cast<T*>(packed.mutable_data_ptr());
  at::parallel_for(0, gemm::ceil_divide(out_channels, kColumns), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i * kColumns, columns = std::min(kColumns, out_channels - first);
      pack_columns(from + first * channels * kKernelPixels, channels, columns, to + first * channels * kTileElements);
    }
  });
}

template <typename T>
void convolve(const at::Tensor& image, const at::Tensor& packed, const at::Tensor& bias, Sizes s, at::Tensor& out) {
  s.block = block_of(s, image.size(0), sizeof(T));
  const auto* const from = static_cast<const T*>(image.const_data_ptr());
  const auto* const weights = static_cast<const T*>(packed.const_data_ptr());
  auto* const to = static_cast<T*>(out.mutable_data_ptr());
  const std::int64_t blocks = gemm::ceil_divide(s.tiles, s.block);
  at::parallel_for(0, image.size(0) * blocks, 1, [&](std::int64_t first, std::int64_t end) {
    std::vector<T> transformed(static_cast<std::size_t>(kTileElements * s.block * s.channels));
    std::vector<float> products(static_cast<std::size_t>(kTileElements * s.block * kColumns));
    for (std::int64_t i = first; i < end; ++i) {
      const std::int64_t number = i / blocks, tile = i % blocks * s.block;
      const int count = static_cast<int>(std::min<std::int64_t>(s.block, s.tiles - tile));
      convolve_block(from + number * s.height * s.width * s.channels, weights, bias.const_data_ptr<float>(), s, tile,
                     count, transformed, products, to + number * s.height * s.width * s.out_channels);
    }
  });
}

}  // namespace

bool can_winograd(const at::Tensor& weight) {
  return can_use_panels(weight) && weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3 &&
         weight.numel() > 0 && weight.size(0) % kLanes == 0 && weight.size(1) % kLanes == 0 &&
         weight.size(0) * weight.size(1) <= kMostWeights;
}

at::Tensor pack_winograd(const at::Tensor& weight) {
  const at::Tensor plain = weight.contiguous();
  at::Tensor packed = empty_weight({weight.size(0), weight.size(1), kTileElements}, weight.options());
  with_value_type(weight, [&]<typename T>(T /*type*/) { pack<T>(plain, packed); });
  return packed;
}

at::Tensor convolve_winograd(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias) {
  TORCH_CHECK(has_avx512_bf16(), "this CPU has no AVX-512 BF16");
  TORCH_CHECK(x.dim() == 4 && x.is_cpu() && x.scalar_type() == packed.scalar_type() && packed.dim() == 3 &&
                  packed.size(0) % kLanes == 0 && packed.size(1) % kLanes == 0 && packed.size(2) == kTileElements &&
                  x.size(1) == packed.size(1) && (!bias || bias->numel() == packed.size(0)),
              "a convolution's input ", x.sizes(), " does not match its packed weights ", packed.sizes());
  const at::Tensor image = x.contiguous(at::MemoryFormat::ChannelsLast);
  Sizes s{};
  s.channels = x.size(1), s.height = x.size(2), s.width = x.size(3);
  s.out_channels = packed.size(0);
  s.tiles_across = (s.width + 1) / 2;
  s.tiles = s.tiles_across * ((s.height + 1) / 2);
  at::Tensor out =
      at::empty({x.size(0), s.out_channels, s.height, s.width}, x.options(), at::MemoryFormat::ChannelsLast);
  const at::Tensor offsets = panels::padded_bias(bias, s.out_channels);
  with_value_type(x, [&]<typename T>(T /*type*/) { convolve<T>(image, packed, offsets, s, out); });
  return out;
}

#else

bool can_winograd(const at::Tensor&) { return false; }
at::Tensor pack_winograd(const at::Tensor& weight) { return weight; }
at::Tensor convolve_winograd(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}

#endif

}  // namespace ldznet

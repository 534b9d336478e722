#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "compute/gemm.h"

namespace ldznet {

/// Weights (N,K,...) in panels of 64 columns, as gemm.h multiplies them: [N / 64][kernel pixels][K / group][64][group].
/// The tensor has the shape and type of the weights, but another order of the elements. Where N is not a multiple of 16
/// or K not one of a group, the last panel or each group is filled up with zeros, and the storage is larger than the
/// shape says: the tensor must not be copied or converted.
at::Tensor pack_panels(const at::Tensor& weight);

/// The first of the 16 rows of weights that become 16 columns of a panel, for a column that is a multiple of 16.
using RowOrder = std::function<std::int64_t(std::int64_t column)>;

/// The same with the rows in another order.
at::Tensor pack_panels(const at::Tensor& weight, const RowOrder& row_of);

/// Whether this CPU should multiply weights of this type in panels: float32 and bfloat16 on CPUs with AVX-512 BF16, but
/// not bfloat16 on those with AMX, which LibTorch multiplies several times as fast.
bool can_use_panels(const at::Tensor& weight);

#if defined(__x86_64__)

namespace panels {

using gemm::ceil_divide;
using gemm::round_up;

constexpr std::int64_t kColumns = 64;       // of a panel: a register tile's columns
constexpr std::int64_t kBlockRows = 144;    // multiplied by a panel at a time, with sums in the cache
constexpr std::int64_t kCache = 512 << 10;  // bytes of the second-level cache for a panel's part

/// A product of rows and weights in panels.
struct Product {
  std::int64_t rows, columns;           ///< columns: N
  std::int64_t channels;                ///< of a part, a multiple of a group
  std::vector<std::ptrdiff_t> offsets;  ///< of the parts of a row, see gemm::Rows
};

/// Throws c10::Error unless x, the weights and the bias, as many as outputs or none, fit to each other in type, device
/// and the size of the weights' storage, and the CPU can multiply them.
void check(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias);

/// The channels of each pixel in packed weights: K, rounded up to whole groups.
std::int64_t padded_channels(const at::Tensor& packed);

/// The float32 bias, 0 where there is none, for whole vectors of columns.
at::Tensor padded_bias(const std::optional<at::Tensor>& bias, std::int64_t columns);

/// Multiplies. `start(row)` is a row's address; `finish(sums, row, rows, column, columns)` gets the sums of a block,
/// with kColumns from one row to the next; `columns` of them are within N, and those up to the next multiple of 16 are
/// 0. Each value is summed in the same order whatever the number of rows and threads.
template <typename T, typename Start, typename Finish>
void multiply(const Product& product, const T* packed, const Start& start, const Finish& finish) {
  const auto parts = static_cast<std::int64_t>(product.offsets.size());
  const std::int64_t column_blocks = ceil_divide(product.columns, kColumns), depth = parts * product.channels;
  const std::int64_t at_once =
      std::clamp<std::int64_t>(kCache / (kColumns * product.channels * std::int64_t{sizeof(T)}), 1, parts);
  at::parallel_for(
      0, ceil_divide(product.rows, kBlockRows) * column_blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        std::array<float, kBlockRows * kColumns> sums;
        std::array<const T*, kBlockRows> starts;
        for (std::int64_t task = begin; task < end; ++task) {
          const std::int64_t row = task / column_blocks * kBlockRows, column = task % column_blocks * kColumns;
          const std::int64_t rows = std::min(kBlockRows, product.rows - row);
          const std::int64_t columns = std::min(kColumns, product.columns - column);
          const std::int64_t padded = round_up(columns, avx512::kLanes);
          for (std::int64_t i = 0; i < rows; ++i) starts[static_cast<std::size_t>(i)] = start(row + i);
          for (std::int64_t part = 0; part < parts; part += at_once) {
            const gemm::Rows<T> left{starts.data(), product.offsets.data() + part,
                                     static_cast<int>(std::min(at_once, parts - part)),
                                     static_cast<int>(product.channels / gemm::kGroup<T>)};
            gemm::gemm(left, static_cast<int>(rows), packed + column * depth + part * product.channels * padded,
                       gemm::kGroup<T> * padded, padded, part > 0, sums.data(), kColumns);
          }
          finish(sums.data(), row, rows, column, columns);
        }
      });
}

/// Writes sums plus bias to rows of N values.
template <typename T>
LDZNET_AVX512_BF16 void write_sums(const float* sums, const float* bias, const Product& product, std::int64_t row,
                                   std::int64_t rows, std::int64_t column, std::int64_t columns, T* out) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < columns; k += avx512::kLanes) {
      const __m512 sum = _mm512_add_ps(avx512::load(sums + i * kColumns + k), avx512::load(bias + column + k));
      T* const to = out + (row + i) * product.columns + column + k;
      if (columns - k >= avx512::kLanes)
        avx512::store(to, sum);
      else
        avx512::store_first(to, sum, static_cast<int>(columns - k));
    }
}

}  // namespace panels

#endif

}  // namespace ldznet

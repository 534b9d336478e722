#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace ldznet {

/// 3 x 3 convolutions of stride 1 and padding 1 with fewer multiplications: Winograd's F(2 x 2, 3 x 3), 16 in place of
/// 36 for four pixels (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016). Tiles of the
/// image are transformed in float32, multiplied in bfloat16 with float32 sums, and transformed back in float32, a few
/// dozen tiles at a time so that all stays in the cache. For bfloat16 on CPUs with has_avx512_bf16().

/// Whether a convolution's weights (K,C,3,3) suit it.
bool can_winograd(const at::Tensor& weight);

/// The transformed weights (K,C,16) as convolve_winograd wants them, of which only the sizes mean what they seem to;
/// from weights (K,C,3,3) of any floating type, 16/9 their size.
at::Tensor pack_winograd(const at::Tensor& weight);

/// x (N,C,H,W), bfloat16 -> (N,K,H,W), channels last; `packed` from pack_winograd, bias (K) or none. Throws c10::Error
/// for other sizes and types, and on CPUs that it is not for.
at::Tensor convolve_winograd(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias);

}  // namespace ldznet

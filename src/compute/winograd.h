#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace ldznet {

/// 3 x 3 convolutions of stride 1 and padding 1 by Winograd's F(2 x 2, 3 x 3), which needs 16 multiplications instead
/// of 36 for four pixels (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016). Input tiles
/// are transformed in float32, multiplied in the network's type, float32 or bfloat16, with float32 sums, and
/// transformed back in float32, a few dozen tiles at a time so that they stay in the cache. For CPUs with AVX-512 BF16;
/// with AMX, the direct convolution in bfloat16 is faster.

/// Whether the convolution with these weights (K,C,3,3) can and should use Winograd's algorithm on this CPU.
bool can_winograd(const at::Tensor& weight);

/// Transforms weights (K,C,3,3), float32 or bfloat16, for convolve_winograd: (K,C,16) of the same type, 16/9 of their
/// size. The elements inside are blocked in another order than the shape suggests.
at::Tensor pack_winograd(const at::Tensor& weight);

/// Convolves x (N,C,H,W) of the same type; returns (N,K,H,W), channels last. `packed`: from pack_winograd; `bias`: (K)
/// or none. Throws c10::Error for other sizes and types and on CPUs without AVX-512 BF16.
at::Tensor convolve_winograd(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias);

}  // namespace ldznet

#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace ldznet {

/// Linear layers, and convolutions of one pixel, with weights packed once by pack_panels(): LibTorch packs them again
/// at each call. Each output value is summed in the same order whatever the number of rows and threads.

/// Whether weights (N,K), (N,K,1) or (N,K,1,1) can and should be packed on this CPU for linear_packed() and
/// pointwise_packed().
bool can_pack_linear(const at::Tensor& weight);

/// As at::linear, for x (...,K) and pack_panels() of weights (N,K,...); returns (...,N). `bias`: (N) or none. Throws
/// c10::Error for other sizes and types.
at::Tensor linear_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias);

/// A convolution with kernel, stride and groups of 1, for x (B,K,L) or (B,K,H,W); returns (B,N,...), channels last.
at::Tensor pointwise_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias);

/// Whether weights (2 N,K) of a GEGLU can and should be packed on this CPU.
bool can_pack_geglu(const at::Tensor& weight);

/// Packs weights (2 N,K) for geglu_packed(). Requires can_pack_geglu().
at::Tensor pack_geglu(const at::Tensor& weight);

/// a * gelu(b), where a and b are the first and the second half of at::linear's output for x (...,K); returns (...,N).
/// `bias`: (2 N) or none. Throws c10::Error for other sizes and types.
at::Tensor geglu_packed(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias);

}  // namespace ldznet

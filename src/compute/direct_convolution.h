#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace ldznet {

/// Convolutions of one group, of any kernel, stride, padding and dilation, with weights packed once by pack_panels():
/// the products of the weights and the pixels under the kernel, which are read where they are. For what Winograd's
/// algorithm (winograd.h) does not fit. Each output value is summed in the same order whatever the input's size and the
/// threads.

/// Whether weights (N,C,h,w) can and should be packed on this CPU.
bool can_convolve_direct(const at::Tensor& weight);

/// As at::conv2d, for x (B,C,H,W) and pack_panels() of weights (N,C,h,w); returns (B,N,...), channels last. `bias`: (N)
/// or none. Throws c10::Error for other sizes and types.
at::Tensor convolve_direct(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias,
                           at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation);

}  // namespace ldznet

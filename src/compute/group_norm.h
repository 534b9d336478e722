#pragma once

#include <ATen/ATen.h>

namespace ldznet {

/// GroupNorm(x), followed by SiLU if `silu`, of a channels-last x (N,C,H,W) on the CPU, float32 or bfloat16, with
/// `weight` and `bias` (C). Reads x twice and writes once. The result does not depend on the number of threads.
/// Requires can_group_norm().
at::Tensor group_norm(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                      double eps, bool silu);

/// Whether group_norm() supports these tensors and the CPU has AVX-512 BF16.
bool can_group_norm(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace ldznet

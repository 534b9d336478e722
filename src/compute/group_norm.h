#pragma once

#include <ATen/ATen.h>

namespace ldznet {

/// SiLU(GroupNorm(x)) or GroupNorm(x) of x (N,C,H,W) that lies channels last on the CPU, float32 or bfloat16; `weight`
/// and `bias` (C) of the same type. Reads x twice and writes once; the result does not depend on the threads.
at::Tensor group_norm(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                      double eps, bool silu);

bool can_group_norm(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace ldznet

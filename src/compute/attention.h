#pragma once

#include <ATen/ATen.h>

namespace ldznet {

/// softmax(q k' / sqrt(d)) v for q (B,N,C), k and v (B,M,C) with C split into heads of width d; returns (B,N,C).
/// Works on a block of a few dozen queries of one head at a time, so that the scores stay in the cache. Requires
/// can_attend().
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads);

/// Whether attend() supports these tensors, bfloat16 or float32 on the CPU, and the CPU has AVX-512 BF16.
bool can_attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads);

}  // namespace ldznet

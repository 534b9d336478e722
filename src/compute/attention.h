#pragma once

#include <ATen/ATen.h>

namespace ldznet {

/// softmax(q k' / sqrt(d)) v for q (B,N,C), k and v (B,M,C) with C split into heads of d; returns (B,N,C).
/// Of each head and a few dozen queries at a time, so that the scores stay in the cache. For bfloat16 on CPUs with
/// has_avx512_bf16(); `can_attend` says whether it can be used.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads);

bool can_attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads);

}  // namespace ldznet

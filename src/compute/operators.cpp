#include <torch/library.h>

#include <cmath>
#include <limits>

#include "compute/attention.h"
#include "compute/group_norm.h"
#include "compute/winograd.h"

// The TorchScript operators that bundle/graph_passes inserts into networks on the CPU. Attention and GroupNorm fall
// back to LibTorch where the fast kernels do not apply, so they work for every type, size and CPU; Winograd's
// convolution is only inserted where it applies.
namespace ldznet {

namespace {

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads, bool causal) {
  if (!causal && can_attend(q, k, v, heads)) return attend(q, k, v, heads);
  const std::int64_t width = q.size(2) / heads;
  const auto split = [&](const at::Tensor& tensor) {
    return tensor.view({tensor.size(0), tensor.size(1), heads, width}).transpose(1, 2);
  };
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  at::Tensor scores = at::matmul(split(q) * scale, split(k).transpose(2, 3));
  if (causal) {
    const at::Tensor later = at::ones({q.size(1), k.size(1)}, q.options().dtype(at::kBool)).triu(1);
    scores.masked_fill_(later, -std::numeric_limits<double>::infinity());
  }
  return at::matmul(scores.softmax(-1), split(v)).transpose(1, 2).reshape(q.sizes());
}

at::Tensor group_norm_or_fallback(const at::Tensor& x, std::int64_t groups, const std::optional<at::Tensor>& weight,
                                  const std::optional<at::Tensor>& bias, double eps, bool silu) {
  if (weight && bias && can_group_norm(x, groups, *weight, *bias))
    return group_norm(x, groups, *weight, *bias, eps, silu);
  // LibTorch's CPU kernel for channels_last computes the variance as E[x^2] - E[x]^2 in float32, which loses digits
  // when the mean is large. Its kernel for contiguous tensors does not.
  const bool reorder = x.is_cpu() && !x.is_contiguous();
  at::Tensor out = at::group_norm(reorder ? x.contiguous() : x, groups, weight, bias, eps);
  if (reorder) out = out.contiguous(x.suggest_memory_format());
  return silu ? at::silu(out) : out;
}

}  // namespace

TORCH_LIBRARY(ldznet, library) {
  library.def("attention(Tensor q, Tensor k, Tensor v, int heads, bool causal) -> Tensor", attention);
  library.def("group_norm(Tensor x, int groups, Tensor? weight, Tensor? bias, float eps, bool silu) -> Tensor",
              group_norm_or_fallback);
  library.def("winograd(Tensor x, Tensor packed, Tensor? bias) -> Tensor", convolve_winograd);
}

}  // namespace ldznet

#include <torch/library.h>

#include "compute/attention.h"
#include "compute/convolution.h"
#include "compute/direct_convolution.h"
#include "compute/group_norm.h"
#include "compute/linear.h"
#include "compute/winograd.h"

// The TorchScript operators that bundle/graph/graph_passes inserts into networks on the CPU. Attention and GroupNorm
// fall back to LibTorch where the fast kernels do not apply, so they work for every type, size and CPU; operators with
// packed weights are only inserted where they apply.
namespace ldznet {

namespace {

/// The tensor (B,N,C) with each token's channels next to each other, as all kernels for attention need it.
at::Tensor by_token(const at::Tensor& tensor) { return tensor.stride(2) == 1 ? tensor : tensor.contiguous(); }

at::Tensor attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, std::int64_t heads,
                     bool causal) {
  const at::Tensor k = by_token(keys), v = by_token(values);
  // Queries of batch 1 are shared by the whole batch.
  const at::Tensor q = by_token(queries).expand({k.size(0), -1, -1});
  if (!causal && can_attend(q, k, v, heads)) return attend(q, k, v, heads);
  const auto split = [heads](const at::Tensor& tensor) {
    return tensor.view({tensor.size(0), tensor.size(1), heads, tensor.size(2) / heads}).transpose(1, 2);
  };
  // LibTorch's works in blocks, too, so that the N x N scores are never in memory.
  return at::scaled_dot_product_attention(split(q), split(k), split(v), {}, 0, causal)
      .transpose(1, 2)
      .reshape(q.sizes());
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
  library.class_<ConvolutionWeight>("ConvolutionWeight");
  library.def(
      "convolution(Tensor x, __torch__.torch.classes.ldznet.ConvolutionWeight weight, Tensor? bias, int[] stride, "
      "int[] padding, int[] dilation) -> Tensor",
      [](const at::Tensor& x, const c10::intrusive_ptr<ConvolutionWeight>& weight,
         const std::optional<at::Tensor>& bias, at::IntArrayRef stride, at::IntArrayRef padding,
         at::IntArrayRef dilation) { return weight->convolve(x, bias, stride, padding, dilation); });
  library.def(
      "direct_convolution(Tensor x, Tensor packed, Tensor? bias, int[] stride, int[] padding, int[] dilation) -> "
      "Tensor",
      convolve_direct);
  library.def("geglu(Tensor x, Tensor packed, Tensor? bias) -> Tensor", geglu_packed);
  library.def("linear(Tensor x, Tensor packed, Tensor? bias) -> Tensor", linear_packed);
  library.def("pointwise(Tensor x, Tensor packed, Tensor? bias) -> Tensor", pointwise_packed);
  library.def("winograd(Tensor x, Tensor packed, Tensor? bias) -> Tensor", convolve_winograd);
}

}  // namespace ldznet

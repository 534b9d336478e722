#pragma once

#include <torch/custom_class.h>

#include <mutex>
#include <optional>
#include <vector>

namespace ldznet {

/// The weight (K,C,h,w) of a convolution with one group, for oneDNN. oneDNN wants the weights in a layout that depends
/// on the input's shape; LibTorch lays them out anew at each call, which takes as long as convolving a small image.
/// This class keeps them laid out while inputs of one shape follow each other. The result does not depend on what is
/// kept.
class ConvolutionWeight : public torch::CustomClassHolder {
 public:
  /// Shares `weight`'s memory until it is laid out. Requires can_lay_out().
  explicit ConvolutionWeight(const at::Tensor& weight) : weight_(weight.detach()) {}

  /// As at::conv2d, for x (N,C,H,W). May be called by several threads.
  at::Tensor convolve(const at::Tensor& x, const std::optional<at::Tensor>& bias, at::IntArrayRef stride,
                      at::IntArrayRef padding, at::IntArrayRef dilation);

  /// Whether the weights are kept laid out. For tests.
  bool is_laid_out() const { return weight_.is_mkldnn(); }

 private:
  at::Tensor laid_out_for(const at::Tensor& x, at::IntArrayRef stride, at::IntArrayRef padding,
                          at::IntArrayRef dilation);

  std::mutex mutex_;
  at::Tensor weight_;               ///< laid out for `last_`, or plain
  std::vector<std::int64_t> last_;  ///< the shape and parameters of the last call
  int repeats_ = 0;                 ///< calls with these, one after the other
  int enough_ = 2;                  ///< repeats that make it worth keeping the layout
};

/// Whether a ConvolutionWeight can and should be made of this weight: on x86 CPUs with oneDNN, in float32, and in
/// bfloat16 where the CPU multiplies it, for weights so large that laying them out matters.
bool can_lay_out(const at::Tensor& weight);

}  // namespace ldznet

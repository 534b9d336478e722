#include "bundle/flop_counter.h"

#include <ATen/ATen.h>
#include <ATen/core/function_schema.h>
#include <ATen/record_function.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ldznet {

namespace {

using Inputs = c10::ArrayRef<const c10::IValue>;

thread_local double counted = 0;

/// A convolution's parameter for an axis; a single number applies to all axes.
std::int64_t along(const std::vector<std::int64_t>& setting, std::size_t axis) {
  return setting.size() == 1 ? setting.front() : setting.at(axis);
}

double convolution_flop(const at::Tensor& x, const at::Tensor& weight, const std::vector<std::int64_t>& stride,
                        const std::vector<std::int64_t>& padding, const std::vector<std::int64_t>& dilation,
                        bool transposed) {
  // Every weight is multiplied once per output position, or per input position of a transposed convolution.
  double positions = static_cast<double>(x.size(0));
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) {
    const auto i = static_cast<std::size_t>(axis - 2);
    const std::int64_t reach = along(dilation, i) * (weight.size(axis) - 1) + 1;
    positions *= static_cast<double>(
        transposed ? x.size(axis) : (x.size(axis) + 2 * along(padding, i) - reach) / along(stride, i) + 1);
  }
  return 2 * positions * static_cast<double>(weight.numel());
}

/// Number of pixels N*H*W of x (N,C,H,W).
double positions_of(const at::Tensor& x) { return static_cast<double>(x.size(0) * x.size(2) * x.size(3)); }

/// a (..., m, k) times b (..., k, n).
double product_flop(const at::Tensor& a, const at::Tensor& b) {
  return 2 * static_cast<double>(a.numel()) * static_cast<double>(b.size(-1));
}

/// Counts only primitive operators; composite ones call these, and would be counted twice.
double flop_of(std::string_view name, const Inputs& inputs) {
  if (name == "ldznet::direct_convolution")  // (x, packed, bias, stride, padding, dilation), packed like the weight
    return convolution_flop(inputs[0].toTensor(), inputs[1].toTensor(), inputs[3].toIntVector(),
                            inputs[4].toIntVector(), inputs[5].toIntVector(), false);
  if (name == "aten::convolution")  // (x, weight, bias, stride, padding, dilation, transposed, ...)
    return convolution_flop(inputs[0].toTensor(), inputs[1].toTensor(), inputs[3].toIntVector(),
                            inputs[4].toIntVector(), inputs[5].toIntVector(), inputs[6].toBool());
  if (name == "mkldnn::_convolution_pointwise")  // (x, weight, bias, padding, stride, dilation, ...)
    return convolution_flop(inputs[0].toTensor(), inputs[1].toTensor(), inputs[4].toIntVector(),
                            inputs[3].toIntVector(), inputs[5].toIntVector(), false);
  if (name == "aten::mm" || name == "aten::bmm") return product_flop(inputs[0].toTensor(), inputs[1].toTensor());
  if (name == "aten::addmm" || name == "aten::baddbmm") return product_flop(inputs[1].toTensor(), inputs[2].toTensor());
  if (name == "ldznet::linear" || name == "ldznet::pointwise" || name == "ldznet::geglu")  // packed: (N,K)
    return 2. * static_cast<double>(inputs[0].toTensor().numel()) * static_cast<double>(inputs[1].toTensor().size(0));
  if (name == "ldznet::winograd")  // counted as the direct convolution; packed weights have 16 values for its 9
    return 2. * static_cast<double>(inputs[1].toTensor().numel()) * 9 / 16 * positions_of(inputs[0].toTensor());
  if (name == "ldznet::attend") {  // (B,N,C), keys and values (B,M,C)
    const at::Tensor& query = inputs[0].toTensor();
    return 2 * product_flop(query, inputs[1].toTensor().transpose(-1, -2));
  }
  if (name.starts_with("aten::_scaled_dot_product_") && name != "aten::_scaled_dot_product_attention_math") {
    const at::Tensor& query = inputs[0].toTensor();  // (B,heads,N,d), keys and values (B,heads,M,d)
    return 2 * product_flop(query, inputs[1].toTensor().transpose(-1, -2));
  }
  return 0;
}

std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& function) {
  Inputs inputs = function.inputs();
  // TorchScript passes its whole stack; the arguments are on top.
  if (const auto schema = function.operator_schema()) inputs = inputs.slice(inputs.size() - schema->arguments().size());
  counted += flop_of(function.name(), inputs);
  return nullptr;
}

}  // namespace

struct FlopCounter::Callback {
  at::CallbackHandle handle;
};

FlopCounter::FlopCounter() {
  counted = 0;
  callback_ = std::make_unique<Callback>(Callback{at::addThreadLocalCallback(
      at::RecordFunctionCallback(count).needsInputs(true).scopes({at::RecordScope::FUNCTION}))});
}

FlopCounter::~FlopCounter() { at::removeCallback(callback_->handle); }

double FlopCounter::flop() const { return counted; }

}  // namespace ldznet

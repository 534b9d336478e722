#include "bundle/int8_weights.h"

#include <stdexcept>
#include <string>
#include <string_view>

#include "compute/weight_memory.h"

namespace ldznet {

namespace {

/// weight * scale, in one pass and rounded once.
template <typename Value>
at::Tensor decoded(const at::Tensor& weight, const at::Tensor& scale) {
  at::Tensor out = empty_weight(weight.sizes(), c10::CppTypeToScalarType<Value>::value);
  const std::int64_t count = weight.size(0), size = count == 0 ? 0 : weight.numel() / count;
  const auto* from = weight.const_data_ptr<std::int8_t>();
  const auto* factors = scale.const_data_ptr<float>();
  auto* to = out.mutable_data_ptr<Value>();
  for (std::int64_t i = 0; i < count; ++i, from += size, to += size)
    for (std::int64_t j = 0; j < size; ++j) to[j] = static_cast<Value>(static_cast<float>(from[j]) * factors[i]);
  return out;
}

}  // namespace

Int8Weights::Int8Weights(const torch::jit::Module& network, const WeightTypes& type_of) {
  constexpr std::string_view kSuffix = "_int8_scale";
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> parameters;
  for (const auto& [name, parameter] : network.named_parameters()) parameters.emplace(name, parameter);
  for (const auto& [name, scale] : network.named_buffers()) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string weight_name = name.substr(0, name.size() - kSuffix.size());
    const auto found = parameters.find(weight_name);
    if (found == parameters.end() || found->second.scalar_type() != at::kChar || found->second.dim() == 0 ||
        scale.dim() != 1 || scale.size(0) != found->second.size(0))
      throw std::runtime_error("the buffer " + name + " does not fit a parameter " + weight_name + " of int8");
    const at::Tensor factors = scale.detach().to(at::kFloat).contiguous();  // detached: the buffer may get other data
    constexpr float kLargest = 128;                                         // of the absolute values of int8
    if (!(factors * kLargest).isfinite().all().item<bool>())
      throw std::runtime_error("the weights " + weight_name + " contain infinite or NaN values");
    const at::Tensor& weight = found->second;
    weights_.emplace(weight.unsafeGetTensorImpl(), Weight{weight, factors, type_of(weight) == at::kBFloat16});
  }
}

void Int8Weights::decode(const at::Tensor& parameter) {
  const auto found = weights_.find(parameter.unsafeGetTensorImpl());
  if (found == weights_.end()) return;
  const at::NoGradGuard no_grad;
  const auto& [weight, scale, bfloat16] = found->second;
  const at::Tensor integers = weight.contiguous();
  weight.set_data(bfloat16 ? decoded<at::BFloat16>(integers, scale) : decoded<float>(integers, scale));
  weights_.erase(found);
}

void Int8Weights::decode_all() {
  while (!weights_.empty()) decode(at::Tensor(weights_.begin()->second.weight));
}

}  // namespace ldznet

#include "bundle/int8_weights.h"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ldznet {

namespace {

/// weight * scale, in one pass and rounded once.
template <typename Value>
at::Tensor decoded(const at::Tensor& weight, const at::Tensor& scale) {
  at::Tensor out = at::empty(weight.sizes(), c10::CppTypeToScalarType<Value>::value);
  const std::int64_t count = weight.size(0), size = count == 0 ? 0 : weight.numel() / count;
  const auto* from = weight.const_data_ptr<std::int8_t>();
  const auto* factors = scale.const_data_ptr<float>();
  auto* to = out.mutable_data_ptr<Value>();
  for (std::int64_t i = 0; i < count; ++i, from += size, to += size)
    for (std::int64_t j = 0; j < size; ++j) to[j] = static_cast<Value>(static_cast<float>(from[j]) * factors[i]);
  return out;
}

}  // namespace

void decode_int8_weights(torch::jit::Module& module, const WeightTypes& type_of) {
  constexpr std::string_view kSuffix = "_int8_scale";
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> parameters;
  for (const auto& [name, parameter] : module.named_parameters()) parameters.emplace(name, parameter);
  for (const auto& [name, scale] : module.named_buffers()) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string weight_name = name.substr(0, name.size() - kSuffix.size());
    const auto found = parameters.find(weight_name);
    if (found == parameters.end() || found->second.scalar_type() != at::kChar || found->second.dim() == 0 ||
        scale.dim() != 1 || scale.size(0) != found->second.size(0))
      throw std::runtime_error("the buffer " + name + " does not fit a parameter " + weight_name + " of int8");
    const at::Tensor factors = scale.to(at::kFloat).contiguous();
    constexpr float kLargest = 128;  // of the absolute values of int8
    if (!(factors * kLargest).isfinite().all().item<bool>())
      throw std::runtime_error("the weights " + weight_name + " contain infinite or NaN values");
    const at::Tensor weight = found->second.contiguous();
    const bool half = type_of(found->second) == at::kBFloat16;
    found->second.set_data(half ? decoded<at::BFloat16>(weight, factors) : decoded<float>(weight, factors));
  }
}

}  // namespace ldznet

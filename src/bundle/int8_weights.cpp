#include "bundle/int8_weights.h"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ldznet {

void decode_int8_weights(torch::jit::Module& module) {
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
    at::Tensor& weight = found->second;
    std::vector<std::int64_t> along_first(static_cast<std::size_t>(weight.dim()), 1);
    along_first[0] = -1;
    weight.set_data(weight.to(at::kFloat) * scale.to(at::kFloat).view(along_first));
  }
}

}  // namespace ldznet

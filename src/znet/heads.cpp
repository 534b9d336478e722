#include "znet/heads.h"

#include <vector>

#include "bundle/tensor_checks.h"

namespace ldznet {

Head::Head(const NetworkSource& source, const std::string& method)
    : network_(source, source.manifest.method_files.at(method)), method_(method) {}

at::Tensor Head::logits(const HeadInputs& inputs) const {
  const std::int64_t batch = inputs.context.size(0);
  const auto for_all = [&](const at::Tensor& tensor) { return tensor.expand({batch, -1, -1, -1}); };
  std::vector<c10::IValue> arguments = {for_all(reads_latent(method_) ? inputs.z : inputs.x), inputs.context};
  if (reads_taps(method_)) {
    c10::List<at::Tensor> features;
    for (const at::Tensor& tap : inputs.taps) features.push_back(tap);  // of batch 1 when all prompts share them
    arguments.emplace_back(std::move(features));
  }
  const at::Tensor logits = network_.forward(std::move(arguments)).to(at::kFloat);
  require_shape(logits, {batch, 1, inputs.x.size(2), inputs.x.size(3)}, network_.file());
  require_finite(logits, network_.file());
  return logits;
}

}  // namespace ldznet

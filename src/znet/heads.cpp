#include "znet/heads.h"

#include <algorithm>

#include "base/text.h"
#include "bundle/tensor_checks.h"
#include "ldznet/error.h"

namespace ldznet {

Head::Head(const NetworkSource& source, const std::string& method)
    : network_(source, source.manifest.method_files.at(method)), method_(*find_method(method)) {}

at::Tensor Head::logits(const HeadInputs& inputs) const {
  const std::int64_t batch = inputs.context.size(0);
  const at::Tensor& picture = method_.reads_latent ? inputs.z : inputs.x;
  std::vector<c10::IValue> arguments = {network_.for_contexts(picture, batch), inputs.context};
  if (method_.reads_taps) {
    c10::List<at::Tensor> features;
    for (const at::Tensor& tap : inputs.taps) features.push_back(tap);  // batch size 1 when all prompts share them
    arguments.emplace_back(std::move(features));
  }
  const at::Tensor logits = network_.forward(std::move(arguments)).to(at::kFloat);
  require_shape(logits, {batch, 1, inputs.x.size(2), inputs.x.size(3)}, network_.file());
  require_finite(logits, network_.dtype(), network_.file());
  return logits;
}

std::vector<std::string> methods_to_load(const NetworkSource& source, const std::vector<std::string>& methods) {
  if (methods.empty()) return {source.manifest.default_method};
  std::vector<std::string> wanted;
  for (const std::string& method : methods) {
    if (!source.manifest.method_files.contains(method))
      throw Error(ErrorCode::usage, "the bundle " + source.directory.string() + " has no method \"" + method + "\"",
                  "It has " + joined(source.manifest.methods) + ".");
    if (std::find(wanted.begin(), wanted.end(), method) == wanted.end()) wanted.push_back(method);
  }
  return wanted;
}

const Head& find_head(const std::vector<Head>& loaded, const std::string& method, const Manifest& manifest) {
  const std::string& wanted = method.empty() ? manifest.default_method : method;
  const auto found =
      std::find_if(loaded.begin(), loaded.end(), [&](const Head& head) { return head.method().name == wanted; });
  if (found != loaded.end()) return *found;
  if (method.empty()) return loaded.front();
  throw Error(ErrorCode::usage, "the method " + method + " is not loaded", "Name it when the bundle is loaded.");
}

}  // namespace ldznet

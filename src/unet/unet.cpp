#include "unet/unet.h"

#include <algorithm>

#include "base/text.h"
#include "bundle/tensor_checks.h"
#include "ldznet/error.h"

namespace ldznet {

namespace {

/// The position of every name in `all`. Throws Error(usage) for a name that is missing.
std::vector<std::size_t> indices_of(const std::vector<std::string>& names, const std::vector<std::string>& all) {
  std::vector<std::size_t> indices;
  for (const std::string& name : names) {
    const auto found = std::find(all.begin(), all.end(), name);
    if (found == all.end())
      throw Error(ErrorCode::usage, "the bundle has no feature \"" + name + "\"", "It has " + joined(all) + ".");
    indices.push_back(static_cast<std::size_t>(found - all.begin()));
  }
  return indices;
}

/// Copies a tensor (1,C,h,w) into a Feature.
Feature to_feature(const std::string& name, const at::Tensor& tensor) {
  const at::Tensor plain = tensor[0].to(at::kCPU, at::kFloat).contiguous();
  const auto* values = plain.const_data_ptr<float>();
  return {name, static_cast<int>(plain.size(0)), static_cast<int>(plain.size(1)), static_cast<int>(plain.size(2)),
          std::vector<float>(values, values + plain.numel())};
}

}  // namespace

UNet::UNet(const NetworkSource& source)
    : network_(source, "unet.pt", {"forward", "all_features"}),
      tap_count_(source.manifest.taps.size()),
      feature_names_(source.manifest.features) {}

Taps UNet::taps(const at::Tensor& z_t, int timestep, const at::Tensor& context) const {
  return call("forward", tap_count_, z_t, timestep, context);
}

std::vector<Feature> UNet::features(const at::Tensor& z_t, int timestep, const at::Tensor& context,
                                    const std::vector<std::string>& names) const {
  const std::vector<std::size_t> indices = indices_of(names, feature_names_);
  const auto all = call("all_features", feature_names_.size(), z_t, timestep, context);
  std::vector<Feature> features;
  features.reserve(indices.size());
  for (const std::size_t index : indices) {
    require_finite(all[index], network_.dtype(), network_.file());
    features.push_back(to_feature(feature_names_[index], all[index]));
  }
  return features;
}

std::vector<at::Tensor> UNet::call(const std::string& method, std::size_t count, const at::Tensor& z_t, int timestep,
                                   const at::Tensor& context) const {
  const std::int64_t batch = context.size(0);
  const at::Tensor latents = network_.for_contexts(z_t, batch);
  const at::Tensor timesteps = at::full({latents.size(0)}, timestep, at::kLong);
  auto features = network_.call_list(method, {latents, timesteps, context});
  if (features.size() != count)
    throw Error(ErrorCode::bad_config,
                network_.file() + " returned " + std::to_string(features.size()) + " features, the manifest names " +
                    std::to_string(count),
                "Export the bundle again with scripts/export.py.");
  for (const at::Tensor& feature : features) require_shape(feature, {batch, -1, -1, -1}, network_.file());
  return features;
}

}  // namespace ldznet

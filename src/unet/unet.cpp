#include "unet/unet.h"

#include "ldznet/error.h"

namespace ldznet {

UNet::UNet(const NetworkSource& source)
    : network_(source, "unet.pt"),
      tap_count_(source.manifest.taps.size()),
      feature_count_(source.manifest.features.size()) {}

Taps UNet::taps(const at::Tensor& z_t, int timestep, const at::Tensor& context) const {
  return call("forward", tap_count_, z_t, timestep, context);
}

std::vector<at::Tensor> UNet::all_features(const at::Tensor& z_t, int timestep, const at::Tensor& context) const {
  return call("all_features", feature_count_, z_t, timestep, context);
}

std::vector<at::Tensor> UNet::call(const std::string& method, std::size_t count, const at::Tensor& z_t, int timestep,
                                   const at::Tensor& context) const {
  const std::int64_t batch = context.size(0);
  const at::Tensor timesteps = at::full({batch}, timestep, at::kLong);
  auto features = network_.call_list(method, {z_t.expand({batch, -1, -1, -1}), timesteps, context});
  if (features.size() != count)
    throw Error(ErrorCode::bad_config,
                network_.file() + " answers with " + std::to_string(features.size()) +
                    " features, the manifest names " + std::to_string(count),
                "Export the bundle again with scripts/export.py.");
  return features;
}

}  // namespace ldznet

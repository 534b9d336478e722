#include "unet/unet.h"

#include <string>

#include "ldznet/error.h"

namespace ldznet {

UNet::UNet(const NetworkSource& source) : network_(source, "unet.pt"), tap_count_(source.manifest.taps.size()) {}

Taps UNet::taps(const at::Tensor& z_t, int timestep, const at::Tensor& context) const {
  const std::int64_t batch = context.size(0);
  const at::Tensor timesteps = at::full({batch}, timestep, at::kLong);
  Taps taps = network_.call_list("forward", {z_t.expand({batch, -1, -1, -1}), timesteps, context});
  if (taps.size() != tap_count_)
    throw Error(ErrorCode::bad_config,
                network_.file() + " answers with " + std::to_string(taps.size()) + " features, the manifest names " +
                    std::to_string(tap_count_) + " taps",
                "Export the bundle again with scripts/export.py.");
  return taps;
}

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include <cstddef>
#include <string>
#include <vector>

#include "bundle/loader.h"
#include "ldznet/feature.h"

namespace ldznet {

/// The denoising UNet of the latent diffusion model, used for its features: z_t, timestep, context -> Taps.
class UNet {
 public:
  /// Loads `unet.pt`. Throws what Network's constructor throws.
  explicit UNet(const NetworkSource& source);

  /// The tapped features of one z_t (1,C,h,w) at one timestep, for B contexts (B,L,D). Stops after the last tap.
  /// Throws Error(bad_config) when the network does not return one feature for every tap of the manifest.
  Taps taps(const at::Tensor& z_t, int timestep, const at::Tensor& context) const;

  /// The named features of the manifest, for one context (1,L,D), in the order of `names`; otherwise as `taps`.
  /// Throws Error(usage) for a name that the manifest does not have.
  std::vector<Feature> features(const at::Tensor& z_t, int timestep, const at::Tensor& context,
                                const std::vector<std::string>& names) const;

  const LayerWidths& widths() const { return network_.widths(); }

 private:
  std::vector<at::Tensor> call(const std::string& method, std::size_t count, const at::Tensor& z_t, int timestep,
                               const at::Tensor& context) const;

  Network network_;
  std::size_t tap_count_;
  std::vector<std::string> feature_names_;  ///< what the network's `all_features` returns
};

}  // namespace ldznet

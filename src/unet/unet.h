#pragma once

#include <torch/script.h>

#include <string>

#include "bundle/loader.h"

namespace ldznet {

/// The denoising UNet of the latent diffusion model, read for its features: z_t, timestep, context -> Taps.
class UNet {
 public:
  /// Loads `unet.pt`. Throws what Network's constructor throws.
  explicit UNet(const NetworkSource& source);

  /// The tapped features, for B contexts (B,L,D), of one z_t (1,C,h,w) at one timestep. Nothing behind the last tap is
  /// run.
  /// Throws Error(bad_config) when the network answers with another number of features than the manifest has taps.
  Taps taps(const at::Tensor& z_t, int timestep, const at::Tensor& context) const;

  /// Every feature that the manifest names, for one context (1,L,D); otherwise as `taps`.
  std::vector<at::Tensor> all_features(const at::Tensor& z_t, int timestep, const at::Tensor& context) const;

 private:
  std::vector<at::Tensor> call(const std::string& method, std::size_t count, const at::Tensor& z_t, int timestep,
                               const at::Tensor& context) const;

  Network network_;
  std::size_t tap_count_, feature_count_;
};

}  // namespace ldznet

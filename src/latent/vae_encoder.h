#pragma once

#include <torch/script.h>

#include "bundle/loader.h"

namespace ldznet {

/// The VAE encoder: image x -> latent z.
class VaeEncoder {
 public:
  /// Loads `vae_encoder.pt`. Throws what Network's constructor throws.
  explicit VaeEncoder(const NetworkSource& source);

  /// Mean and log-variance of z's posterior, float32 (B, 2 C, h, w), for x (B,3,H,W) in [-1,1].
  /// Throws Error(bad_config) when the network returns another shape.
  at::Tensor moments(const at::Tensor& x) const;

  /// z = scale * posterior mean, float32 (B,C,h,w), h = H / factor. The published system samples from the posterior;
  /// the mean makes the result deterministic. Throws what moments() and require_finite() throw.
  at::Tensor encode(const at::Tensor& x) const;

  const LayerWidths& widths() const { return network_.widths(); }

 private:
  Network network_;
  int channels_, factor_;
  double scale_;
};

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include "bundle/loader.h"

namespace ldznet {

/// The VAE's encoder: image x -> latent z.
class VaeEncoder {
 public:
  /// Loads `vae_encoder.pt`. Throws what Network's constructor throws.
  explicit VaeEncoder(const NetworkSource& source);

  /// Mean and log-variance of z's posterior, float32 (B, 2 C, h, w), for x (B,3,H,W) in [-1,1].
  /// Throws Error(bad_config) when the network's answer has another shape.
  at::Tensor moments(const at::Tensor& x) const;

  /// z = scale * mean of the posterior, float32 (B,C,h,w), h = H / factor. The published system draws from the
  /// posterior; the mean makes the answer one of a kind.
  at::Tensor encode(const at::Tensor& x) const;

 private:
  Network network_;
  int channels_, factor_;
  double scale_;
};

}  // namespace ldznet

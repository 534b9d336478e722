#include "latent/vae_encoder.h"

#include "bundle/tensor_checks.h"

namespace ldznet {

VaeEncoder::VaeEncoder(const NetworkSource& source)
    : network_(source, "vae_encoder.pt"),
      channels_(source.manifest.latent_channels),
      factor_(source.manifest.latent_factor),
      scale_(source.manifest.latent_scale) {}

at::Tensor VaeEncoder::moments(const at::Tensor& x) const {
  const at::Tensor moments = network_.forward({x}).to(at::kFloat);
  require_shape(moments, {x.size(0), 2 * channels_, x.size(2) / factor_, x.size(3) / factor_}, network_.file());
  return moments;
}

at::Tensor VaeEncoder::encode(const at::Tensor& x) const {
  at::Tensor z = scale_ * moments(x).slice(1, 0, channels_);
  require_finite(z, network_.dtype(), network_.file());
  return z;
}

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include <cstdint>

#include "ldznet/bundle.h"

namespace ldznet {

/// The noise schedule of latent diffusion models: the square roots of the betas are evenly spaced.
class NoiseSchedule {
 public:
  /// betas = linspace(sqrt(beta_start), sqrt(beta_end), steps)^2, computed in float64.
  NoiseSchedule(int steps, double beta_start, double beta_end);
  explicit NoiseSchedule(const Manifest& manifest)
      : NoiseSchedule(manifest.noise_steps, manifest.beta_start, manifest.beta_end) {}

  /// Cumulative products of 1 - beta, float32 (steps), on the CPU.
  const at::Tensor& alphas_cumprod() const { return alphas_cumprod_; }

  /// Throws Error(usage) when the timestep is not in [0, steps).
  void check(int timestep) const;

  /// z_t = sqrt(abar_t) z + sqrt(1 - abar_t) noise, float32, for z and noise (1,C,h,w) on one device.
  /// The timestep must be in [0, steps).
  at::Tensor add_noise(const at::Tensor& z, const at::Tensor& noise, int timestep) const;

 private:
  at::Tensor alphas_cumprod_;
};

/// torch.randn in z's shape (1,C,h,w), float32, on z's device. Drawn from a CPU generator seeded with `seed`, so the
/// numbers are the same on every device.
at::Tensor make_noise(std::uint64_t seed, const at::Tensor& z);

}  // namespace ldznet

#include "noise/noise_schedule.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <string>

#include "ldznet/error.h"

namespace ldznet {

NoiseSchedule::NoiseSchedule(int steps, double beta_start, double beta_end) {
  const at::Tensor betas = at::linspace(std::sqrt(beta_start), std::sqrt(beta_end), steps, at::kDouble).square();
  alphas_cumprod_ = at::cumprod(1 - betas, 0).to(at::kFloat);
}

void NoiseSchedule::check(int timestep) const {
  const std::int64_t steps = alphas_cumprod_.size(0);
  if (timestep < 0 || timestep >= steps)
    throw Error(
        ErrorCode::usage,
        "timestep " + std::to_string(timestep) + " is outside the noise schedule, 0 to " + std::to_string(steps - 1),
        "Name another, or leave it out for the bundle's own.");
}

at::Tensor NoiseSchedule::add_noise(const at::Tensor& z, const at::Tensor& noise, int timestep) const {
  const float abar = alphas_cumprod_[timestep].item<float>();
  return std::sqrt(abar) * z + std::sqrt(1 - abar) * noise;
}

at::Tensor make_noise(std::uint64_t seed, const at::Tensor& z) {
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return at::randn(z.sizes(), generator, at::kFloat).to(z.device());
}

}  // namespace ldznet

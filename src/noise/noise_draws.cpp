#include "noise/noise_draws.h"

namespace ldznet {

std::vector<NoiseDraw> plan_noise_draws(const Manifest& manifest, const SegmentOptions& options) {
  std::vector<NoiseDraw> draws;
  for (int i = 0; i < options.samples; ++i) {
    const double part = (i + 0.5) / options.samples;
    const int spread =
        static_cast<int>(manifest.timestep_low + (manifest.timestep_high - manifest.timestep_low) * part);
    const int timestep = options.timestep.value_or(options.samples > 1 ? spread : manifest.timestep);
    draws.push_back({timestep, options.seed + static_cast<std::uint64_t>(i)});
  }
  return draws;
}

}  // namespace ldznet

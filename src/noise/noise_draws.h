#pragma once

#include <cstdint>
#include <vector>

#include "ldznet/pipeline.h"

namespace ldznet {

/// One draw of the noise: its seed, and the timestep at which it is added.
struct NoiseDraw {
  int timestep = 0;
  std::uint64_t seed = 0;
};

/// The draws to average over, with seeds S, S+1, ... Without a timestep in the options, several draws are spread evenly
/// over the bundle's training range: at the middles of `samples` equal parts.
std::vector<NoiseDraw> plan_noise_draws(const Manifest& manifest, const SegmentOptions& options);

}  // namespace ldznet

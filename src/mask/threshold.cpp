#include <algorithm>

#include "ldznet/mask.h"

namespace ldznet {

Mask apply_threshold(const Probability& probability, double threshold) {
  const auto limit = static_cast<float>(threshold);
  Mask mask{probability.width, probability.height, std::vector<std::uint8_t>(probability.values.size())};
  std::transform(probability.values.begin(), probability.values.end(), mask.pixels.begin(),
                 [limit](float value) { return static_cast<std::uint8_t>(value >= limit); });
  return mask;
}

}  // namespace ldznet

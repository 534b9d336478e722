#include "mask/label_map.h"

#include <cstddef>
#include <limits>

#include "ldznet/error.h"

namespace ldznet {

LabelMap label_map(std::span<const Probability> probabilities, std::span<const Mask> masks) {
  if (masks.size() > std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::usage, "a label map holds at most 65,535 prompts, not " + std::to_string(masks.size()),
                "Use fewer prompts a run, or save masks instead of labels.");
  if (masks.empty()) return {};
  LabelMap map{masks[0].width, masks[0].height, std::vector<std::uint16_t>(masks[0].pixels.size())};
  std::vector<float> best(map.labels.size(), -1.0F);
  for (std::size_t k = 0; k < masks.size(); ++k) {
    for (std::size_t i = 0; i < best.size(); ++i) {
      const float value = probabilities[k].values[i];
      if (masks[k].pixels[i] == 0 || value <= best[i]) continue;
      best[i] = value;
      map.labels[i] = static_cast<std::uint16_t>(k + 1);
    }
  }
  return map;
}

}  // namespace ldznet

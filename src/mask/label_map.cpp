#include "mask/label_map.h"

#include <limits>

#include "ldznet/error.h"

namespace ldznet {

void LabelMapMaker::add(const Probability& probability, const Mask& mask) {
  if (prompts_ == std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::usage, "a label map holds at most 65,535 prompts",
                "Use fewer prompts per run, or save masks instead of labels.");
  if (prompts_++ == 0) {
    map_ = {mask.width, mask.height, std::vector<std::uint16_t>(mask.pixels.size())};
    best_.assign(mask.pixels.size(), -1.0F);
  }
  for (std::size_t i = 0; i < best_.size(); ++i) {
    const float value = probability.values[i];
    if (mask.pixels[i] == 0 || value <= best_[i]) continue;
    best_[i] = value;
    map_.labels[i] = static_cast<std::uint16_t>(prompts_);
  }
}

}  // namespace ldznet

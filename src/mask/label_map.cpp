#include "mask/label_map.h"

#include <limits>

#include "ldznet/error.h"

namespace ldznet {

LabelMap relabelled(LabelMap map, const std::vector<std::uint16_t>& numbers) {
  for (std::uint16_t& label : map.labels)
    if (label != 0) label = numbers[label - 1];
  return map;
}

void LabelMapMaker::add(const Probability& probability, const Mask& mask) {
  if (masks_ == std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::bad_image, "it has more than 65,535 masks, and a label map holds no more",
                "Use a larger --min-area or fewer prompts, or save masks instead of labels.");
  if (masks_++ == 0) {
    map_ = {mask.width, mask.height, std::vector<std::uint16_t>(mask.pixels.size())};
    best_.assign(mask.pixels.size(), -1.0F);
  }
  for (std::size_t i = 0; i < best_.size(); ++i) {
    const float value = probability.values[i];
    if (mask.pixels[i] == 0 || value <= best_[i]) continue;
    best_[i] = value;
    map_.labels[i] = static_cast<std::uint16_t>(masks_);
  }
}

}  // namespace ldznet

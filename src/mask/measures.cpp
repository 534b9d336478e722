#include <algorithm>
#include <cstddef>

#include "ldznet/mask.h"
#include "mask/extent.h"

namespace ldznet {

MaskMeasures measure(const Probability& probability, const Mask& mask) {
  MaskMeasures measures;
  Extent inside;
  float largest = 0;
  double sum = 0;
  for (int y = 0; y < mask.height; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * mask.width;
    for (int x = 0; x < mask.width; ++x) {
      const float value = probability.values[row + x];
      largest = std::max(largest, value);
      if (mask.pixels[row + x] == 0) continue;
      sum += value;
      inside.add(x, y);
    }
  }
  measures.max_probability = largest;
  measures.area = inside.area();
  measures.box = inside.box();
  if (measures.area > 0) measures.score = sum / static_cast<double>(measures.area);
  return measures;
}

}  // namespace ldznet

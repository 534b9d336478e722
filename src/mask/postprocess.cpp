#include <cstdint>
#include <utility>

#include "ldznet/mask.h"
#include "ldznet/regions.h"
#include "mask/map_operations.h"

namespace ldznet {

FoundMask find_mask(Probability probability, const MaskOptions& options) {
  Mask mask = apply_threshold(probability, options.threshold);
  if (options.min_area > 1) mask = drop_small_regions(mask, options.min_area);
  if (options.largest) mask = keep_largest_region(mask);
  if (options.fill_holes) mask = fill_holes(mask);
  if (options.invert) {
    probability = complement(std::move(probability));
    for (std::uint8_t& pixel : mask.pixels) pixel ^= 1;
  }
  const MaskMeasures measures = measure(probability, mask);
  return {std::move(probability), std::move(mask), measures};
}

}  // namespace ldznet

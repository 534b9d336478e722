#include <utility>

#include "ldznet/mask.h"
#include "ldznet/regions.h"

namespace ldznet {

FoundMask find_mask(Probability probability, const MaskOptions& options) {
  Mask mask = apply_threshold(probability, options.threshold);
  if (options.min_area > 1) mask = drop_small_regions(mask, options.min_area);
  if (options.largest) mask = keep_largest_region(mask);
  if (options.fill_holes) mask = fill_holes(mask);
  const MaskMeasures measures = measure(probability, mask);
  return {std::move(probability), std::move(mask), measures};
}

}  // namespace ldznet

#pragma once

#include "ldznet/mask.h"
#include "mask/threshold.h"

namespace ldznet {

/// How a probability map becomes a mask.
struct MaskOptions {
  double threshold = 0.5;
  int min_area = 0;         ///< pixels; smaller regions are dropped
  bool fill_holes = false;  ///< fill what a region encloses
  bool largest = false;     ///< keep only the largest region
};

/// A prompt's mask with the probability map it was made from.
struct FoundMask {
  Probability probability;
  Mask mask;
  MaskMeasures measures;
};

/// Thresholds the map and cleans up the mask's regions.
FoundMask find_mask(Probability probability, const MaskOptions& options);

}  // namespace ldznet

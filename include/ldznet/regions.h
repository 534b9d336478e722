// Connected regions of a mask. Pixels that touch at an edge or a corner belong to the same region.
//
//     ldznet::Mask mask = ldznet::apply_threshold(map, 0.5);
//     mask = ldznet::fill_holes(ldznet::keep_largest_region(mask));
//
// find_mask() in mask.h does the same by options.
#pragma once

#include <functional>

#include "ldznet/mask.h"

namespace ldznet {

/// Removes the regions of fewer than `min_area` pixels.
Mask drop_small_regions(const Mask& mask, int min_area);

/// Fills every hole: pixels outside the mask with no path along pixel edges to the picture's border.
Mask fill_holes(const Mask& mask);

/// Keeps only the region with the most pixels; of equal ones, the first in reading order.
Mask keep_largest_region(const Mask& mask);

/// Calls `take` for every region, the largest first; of equal ones, the first in reading order. A region has the size
/// of the picture and is measured by itself; its probabilities are 0 outside. Only one is in memory at a time.
void for_each_region(const FoundMask& found, const std::function<void(FoundMask region)>& take);

}  // namespace ldznet

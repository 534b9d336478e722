#pragma once

#include "ldznet/mask.h"

namespace ldznet {

/// Without the regions of fewer than `min_area` pixels. Pixels that touch, be it by a corner, are of one region.
Mask drop_small_regions(const Mask& mask, int min_area);

/// With every hole filled: outside pixels from which no way along pixel edges leads to the picture's border.
Mask fill_holes(const Mask& mask);

/// Only the region with the most pixels; of equals, the one that comes first in reading order.
Mask keep_largest_region(const Mask& mask);

}  // namespace ldznet

#pragma once

#include "ldznet/mask.h"
#include "ldznet/polygons.h"

namespace ldznet {

/// Position of a walk along pixel edges: a corner between pixels and the direction of the next step.
struct EdgeWalker {
  int x, y, dx, dy;
  bool operator==(const EdgeWalker&) const = default;

  void turn_left() {
    const int old_dx = dx;
    dx = dy;
    dy = -old_dx;
  }
  void turn_right() {
    const int old_dx = dx;
    dx = -dy;
    dy = old_dx;
  }
};

/// The corners of a region's boundary, outer or around a hole, walked with the region on the right. `start` is on the
/// boundary, and the first corner. Pixels that touch at a corner belong to the same region.
Polygon trace_boundary(const Mask& mask, const EdgeWalker& start);

}  // namespace ldznet

#pragma once

#include <vector>

#include "ldznet/polygons.h"

namespace ldznet {

/// A vertex of a simplified outline.
struct Vertex {
  double x, y;
  double position;  ///< on the outline: k is the corner number k, k + 0.5 the middle of the edge behind it
};

/// simplify() of ldznet/polygons.h as vertices in the outline's order.
std::vector<Vertex> simplified_vertices(const Polygon& outline, double tolerance);

}  // namespace ldznet

#pragma once

#include <span>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// A polygon's corners, x0, y0, x1, y1, ..., in COCO's pixel coordinates: pixel (x,y) is the square from (x,y) to
/// (x+1,y+1), so coordinates run from 0 to W and 0 to H.
using Polygon = std::vector<int>;

/// The outline of every region, in reading order of their first pixels, clockwise from there, along the pixels' edges:
/// rasterised, the polygons give the mask back exactly, but with its holes filled, since COCO's polygons know none (the
/// run-length form keeps them). Pixels that touch by a corner are of one region.
std::vector<Polygon> outlines(const Mask& mask);

/// The union of filled outlines (corners x0, y0, x1, y1, ...) as PhraseCut draws them: corners cut to whole pixels, the
/// pixels on the edges inside. What lies outside the picture is cut off; an outline of one corner is nothing.
Mask fill_outlines(std::span<const std::vector<double>> outlines, int width, int height);

}  // namespace ldznet

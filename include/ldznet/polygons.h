// Outlines of masks as polygons, and masks from polygons.
//
//     for (const ldznet::Polygon& polygon : ldznet::outlines(mask)) {
//       const ldznet::Box box = ldznet::bounding_box(polygon);  // of one connected region
//       std::cout << polygon.size() / 2 << " corners, " << box.width << " x " << box.height << " pixels\n";
//     }
#pragma once

#include <span>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// A polygon's corners, x0, y0, x1, y1, ..., in COCO's pixel coordinates: pixel (x,y) is the square from (x,y) to
/// (x+1,y+1), so coordinates range from 0 to W and 0 to H. Those of an outline are whole numbers.
using Polygon = std::vector<double>;

/// The outline of every connected region along its pixels' edges, clockwise, in reading order of the regions' first
/// pixels. Rasterising the polygons gives the mask back with its holes filled: COCO's polygons have no holes, its run
/// lengths do. Pixels that touch at a corner belong to the same region.
std::vector<Polygon> outlines(const Mask& mask);

/// An outline with fewer corners: neither strays more than `tolerance` pixels from the other. A tolerance of 0 keeps
/// the outline, and so does one that would leave fewer than three corners. Corners of the result may lie beside the
/// outline, within the rectangle around it; coordinates are multiples of 1/1000 pixel.
Polygon simplify(const Polygon& outline, double tolerance);

/// simplify() of every outline.
std::vector<Polygon> simplified(std::vector<Polygon> outlines, double tolerance);

/// One polygon for each region as in outlines(), but with its holes: each hole's outline is cut out of the polygon
/// through a bridge, a line that the polygon follows there and back. By the even-odd rule or the winding rule the
/// polygons give the mask back. `tolerance`: see simplify().
std::vector<Polygon> outlines_with_holes(const Mask& mask, double tolerance = 0);

/// The pixels that an outline spans: the box of the region it outlines. The outline has at least one corner.
Box bounding_box(const Polygon& outline);

/// The union of filled outlines (corners x0, y0, x1, y1, ...) as PhraseCut rasterises them: coordinates truncated to
/// whole pixels, the pixels on the edges inside. Parts outside the picture are cut off; an outline of a single corner
/// fills nothing.
Mask fill_outlines(std::span<const std::vector<double>> outlines, int width, int height);

}  // namespace ldznet

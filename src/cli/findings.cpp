#include "cli/findings.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "mask/polygons.h"
#include "mask/regions.h"
#include "mask/rle.h"
#include "mask/threshold.h"

namespace ldznet::cli {

namespace {

/// x, y, width, height round a polygon's corners.
std::array<int, 4> box_of(const Polygon& polygon) {
  int left = polygon[0], right = left, top = polygon[1], bottom = top;
  for (std::size_t i = 2; i + 1 < polygon.size(); i += 2) {
    left = std::min(left, polygon[i]);
    right = std::max(right, polygon[i]);
    top = std::min(top, polygon[i + 1]);
    bottom = std::max(bottom, polygon[i + 1]);
  }
  return {left, top, right - left, bottom - top};
}

}  // namespace

Finding find(Probability probability, const MaskOptions& options) {
  Mask mask = apply_threshold(probability, options.threshold);
  if (options.min_area > 1) mask = drop_small_regions(mask, options.min_area);
  if (options.largest) mask = keep_largest_region(mask);
  if (options.fill_holes) mask = fill_holes(mask);
  const MaskMeasures measures = measure(probability, mask);
  return {std::move(probability), std::move(mask), measures};
}

ResultFacts describe(const std::string& prompt, const Finding& finding, const ToldOptions& options) {
  ResultFacts result;
  result.prompt = prompt;
  result.score = finding.measures.score;
  result.max_probability = finding.measures.max_probability;
  result.area = finding.measures.area;
  const Box& box = finding.measures.box;
  result.bbox = {box.x, box.y, box.width, box.height};
  if (options.counts) result.counts = encode_rle(finding.mask);
  if (!options.boxes && !options.polygons) return result;
  const std::vector<Polygon> polygons = outlines(finding.mask);
  if (options.polygons) result.polygons = polygons;
  if (options.boxes) {
    result.boxes.emplace();
    for (const Polygon& polygon : polygons) result.boxes->push_back(box_of(polygon));
  }
  return result;
}

}  // namespace ldznet::cli

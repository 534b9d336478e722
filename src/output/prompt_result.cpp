#include "output/prompt_result.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "mask/polygons.h"
#include "mask/rle.h"

namespace ldznet {

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

PromptResult prompt_result(const std::string& prompt, const FoundMask& found, const JsonFields& fields) {
  PromptResult result;
  result.prompt = prompt;
  result.score = found.measures.score;
  result.max_probability = found.measures.max_probability;
  result.area = found.measures.area;
  const Box& box = found.measures.box;
  result.bbox = {box.x, box.y, box.width, box.height};
  if (fields.counts) result.counts = encode_rle(found.mask);
  if (!fields.boxes && !fields.polygons) return result;
  const std::vector<Polygon> polygons = outlines(found.mask);
  if (fields.polygons) result.polygons = polygons;
  if (fields.boxes) {
    result.boxes.emplace();
    for (const Polygon& polygon : polygons) result.boxes->push_back(box_of(polygon));
  }
  return result;
}

}  // namespace ldznet

#include "output/prompt_result.h"

#include <vector>

#include "ldznet/polygons.h"
#include "ldznet/rle.h"

namespace ldznet {

PromptResult prompt_result(const std::string& prompt, const FoundMask& found, const JsonFields& fields) {
  PromptResult result;
  result.prompt = prompt;
  result.score = found.measures.score;
  result.max_probability = found.measures.max_probability;
  result.area = found.measures.area;
  result.bbox = xywh(found.measures.box);
  if (fields.counts) result.counts = encode_rle(found.mask);
  if (!fields.boxes && !fields.polygons) return result;
  const std::vector<Polygon> polygons = outlines(found.mask);
  if (fields.polygons) result.polygons = polygons;
  if (fields.boxes) {
    result.boxes.emplace();
    for (const Polygon& polygon : polygons) result.boxes->push_back(xywh(bounding_box(polygon)));
  }
  return result;
}

}  // namespace ldznet

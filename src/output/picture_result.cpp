#include "output/picture_result.h"

#include "ldznet/rle.h"
#include "mask/extent.h"
#include "output/json_lines.h"

namespace ldznet {

namespace {

std::array<int, 4> xywh(const Box& box) { return {box.x, box.y, box.width, box.height}; }

}  // namespace

PromptResult prompt_result(const std::string& prompt, const FoundMask& found, const std::vector<Polygon>& outlines,
                           const JsonFields& fields) {
  PromptResult result;
  result.prompt = prompt;
  result.score = rounded(found.measures.score);
  result.max_probability = rounded(found.measures.max_probability);
  result.area = found.measures.area;
  result.bbox = xywh(found.measures.box);
  if (fields.counts) result.counts = encode_rle(found.mask);
  if (fields.polygons) result.polygons = simplified(outlines, fields.simplify);
  if (fields.boxes) {
    result.boxes.emplace();
    for (const Polygon& outline : outlines) result.boxes->push_back(xywh(bounding_box(outline)));
  }
  return result;
}

std::vector<LabelSegment> label_segments(const LabelMap& map) {
  std::vector<Extent> extents;
  for (int y = 0, i = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x, ++i) {
      const std::size_t label = map.labels[i];
      if (label == 0) continue;
      if (label > extents.size()) extents.resize(label);
      extents[label - 1].add(x, y);
    }
  }
  std::vector<LabelSegment> found;
  for (std::size_t k = 0; k < extents.size(); ++k)
    if (extents[k].area() > 0) found.push_back({k + 1, extents[k].area(), xywh(extents[k].box())});
  return found;
}

}  // namespace ldznet

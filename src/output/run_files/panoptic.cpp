#include "output/run_files/panoptic.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

/// The file's name of the picture's PNG, as the annotation names it: relative to the folder.
std::string panoptic_file(const PictureResult& picture, const std::filesystem::path& folder) {
  for (const auto& [kind, file] : picture.files)
    if (kind == name(OutputKind::panoptic)) return std::filesystem::path(file).lexically_relative(folder).string();
  return "";
}

}  // namespace

std::vector<LabelSegment> segments(const LabelMap& map) {
  struct Extent {
    std::int64_t area = 0;
    int left = 0, top = 0, right = 0, bottom = 0;
  };
  std::vector<Extent> extents;
  for (int y = 0, i = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x, ++i) {
      const std::size_t label = map.labels[i];
      if (label == 0) continue;
      if (label > extents.size()) extents.resize(label);
      Extent& extent = extents[label - 1];
      if (extent.area++ == 0) extent = {1, x, y, x, y};
      extent.left = std::min(extent.left, x);
      extent.right = std::max(extent.right, x);
      extent.bottom = y;
    }
  }
  std::vector<LabelSegment> found;
  for (std::size_t k = 0; k < extents.size(); ++k) {
    const Extent& e = extents[k];
    if (e.area > 0) found.push_back({k + 1, e.area, {e.left, e.top, e.right - e.left + 1, e.bottom - e.top + 1}});
  }
  return found;
}

PanopticWriter::PanopticWriter(const std::filesystem::path& file, std::filesystem::path folder,
                               std::vector<std::string> prompts)
    : file_(file, "label maps by ldznet " LDZNET_VERSION), folder_(std::move(folder)), prompts_(std::move(prompts)) {}

void PanopticWriter::add(const PictureResult& picture) {
  if (!picture.segments) return;
  const std::size_t image = file_.add_image(picture.image, picture.width, picture.height);
  Json infos = Json::array();
  for (const LabelSegment& segment : *picture.segments)
    infos.push_back({{"id", segment.label},
                     {"category_id", segment.label},
                     {"area", segment.area},
                     {"bbox", segment.bbox},
                     {"iscrowd", 0}});
  file_.add_annotation({{"image_id", image}, {"file_name", panoptic_file(picture, folder_)}, {"segments_info", infos}});
}

void PanopticWriter::finish() {
  Json categories = Json::array();
  const std::vector<Color> colors = palette(prompts_);
  for (std::size_t k = 0; k < prompts_.size(); ++k)
    categories.push_back({{"id", k + 1},
                          {"name", prompts_[k]},
                          {"supercategory", "prompt"},
                          {"isthing", 0},
                          {"color", {colors[k].red, colors[k].green, colors[k].blue}}});
  file_.finish(categories);
}

}  // namespace ldznet

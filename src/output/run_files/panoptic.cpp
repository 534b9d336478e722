#include "output/run_files/panoptic.h"

#include <nlohmann/json.hpp>

#include "mask/extent.h"

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

#include "output/run_files/panoptic.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/output_kind.h"
#include "draw/palette.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

/// The picture's PNG as its annotation names it: relative to the folder.
std::string panoptic_file(const PictureResult& picture, const std::filesystem::path& folder) {
  for (const auto& [kind, file] : picture.files)
    if (kind == OutputKind::panoptic) return std::filesystem::path(file).lexically_relative(folder).string();
  return "";
}

}  // namespace

PanopticWriter::PanopticWriter(const std::filesystem::path& file, std::filesystem::path folder,
                               std::vector<std::string> prompts, std::filesystem::path relative_to, bool instances)
    : file_(file, "label maps by ldznet " LDZNET_VERSION, std::move(relative_to)),
      folder_(std::move(folder)),
      prompts_(std::move(prompts)),
      instances_(instances) {}

void PanopticWriter::add(const PictureResult& picture, const Image* /*image*/) {
  if (!picture.segments) return;
  const std::size_t image = file_.add_image(picture.image, picture.width, picture.height);
  Json infos = Json::array();
  for (const LabelSegment& segment : *picture.segments)
    infos.push_back({{"id", segment.label},
                     {"category_id", picture.results[segment.label - 1].prompt_index + 1},
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
                          {"isthing", instances_ ? 1 : 0},
                          {"color", {colors[k].red, colors[k].green, colors[k].blue}}});
  file_.finish(categories);
}

}  // namespace ldznet

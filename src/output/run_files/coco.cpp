#include "output/run_files/coco.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "output/json_lines.h"

namespace ldznet {

using Json = nlohmann::ordered_json;

CocoWriter::CocoWriter(const std::filesystem::path& file, std::vector<std::string> prompts,
                       std::filesystem::path relative_to, std::optional<double> polygons)
    : file_(file, "masks by ldznet " LDZNET_VERSION, std::move(relative_to)),
      prompts_(std::move(prompts)),
      polygons_(polygons) {}

void CocoWriter::add_mask(std::size_t number, const PromptResult& /*result*/, const Mask& mask) {
  segmentations_.resize(number + 1);
  segmentations_[number] = polygons_json(outlines_with_holes(mask, *polygons_));
}

void CocoWriter::add(const PictureResult& picture, const Image* /*image*/) {
  const std::vector<Json> polygons = std::exchange(segmentations_, {});
  if (picture.error) return;
  const std::size_t image = file_.add_image(picture.image, picture.width, picture.height);
  for (std::size_t number = 0; number < picture.results.size(); ++number) {
    const PromptResult& result = picture.results[number];
    if (result.area == 0) continue;
    file_.add_annotation({{"id", ++annotations_},
                          {"image_id", image},
                          {"category_id", result.prompt_index + 1},
                          {"segmentation", polygons_ ? polygons[number] : segmentation_json(picture, result)},
                          {"area", result.area},
                          {"bbox", result.bbox},
                          {"iscrowd", 0},
                          {"score", rounded(result.score)}});
  }
}

void CocoWriter::finish() {
  Json categories = Json::array();
  for (std::size_t i = 0; i < prompts_.size(); ++i)
    categories.push_back({{"id", i + 1}, {"name", prompts_[i]}, {"supercategory", "prompt"}});
  file_.finish(categories);
}

void CocoResultsWriter::add(const PictureResult& picture, const Image* /*image*/) {
  if (picture.error) return;
  ++images_;
  for (const PromptResult& result : picture.results) {
    if (result.area == 0) continue;
    file_.add({{"image_id", images_},
               {"category_id", result.prompt_index + 1},
               {"segmentation", segmentation_json(picture, result)},
               {"score", rounded(result.score)}});
  }
}

}  // namespace ldznet

#include "output/coco.h"

#include <nlohmann/json.hpp>

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

void CocoWriter::add(const PictureFacts& picture) {
  if (picture.error) return;
  images_.push_back({picture.image, picture.width, picture.height});
  for (std::size_t prompt = 0; prompt < picture.results.size(); ++prompt) {
    const ResultFacts& result = picture.results[prompt];
    if (result.area == 0) continue;
    annotations_.push_back(
        {images_.size(), prompt + 1, result.counts, result.area, result.bbox, rounded(result.score)});
  }
}

std::string CocoWriter::data_set() const {
  Json images = Json::array(), categories = Json::array(), annotations = Json::array();
  for (std::size_t i = 0; i < images_.size(); ++i)
    images.push_back(
        {{"id", i + 1}, {"file_name", images_[i].name}, {"width", images_[i].width}, {"height", images_[i].height}});
  for (std::size_t i = 0; i < prompts_.size(); ++i)
    categories.push_back({{"id", i + 1}, {"name", prompts_[i]}, {"supercategory", "prompt"}});
  for (const Annotation& a : annotations_) {
    const Image& image = images_[a.image - 1];
    annotations.push_back({{"id", annotations.size() + 1},
                           {"image_id", a.image},
                           {"category_id", a.category},
                           {"segmentation", {{"size", {image.height, image.width}}, {"counts", a.counts}}},
                           {"area", a.area},
                           {"bbox", a.bbox},
                           {"iscrowd", 0},
                           {"score", a.score}});
  }
  return text_of({{"info", {{"description", "masks by ldznet " LDZNET_VERSION}}},
                  {"licenses", Json::array()},
                  {"images", images},
                  {"categories", categories},
                  {"annotations", annotations}});
}

std::string CocoWriter::results() const {
  Json results = Json::array();
  for (const Annotation& a : annotations_) {
    const Image& image = images_[a.image - 1];
    results.push_back({{"image_id", a.image},
                       {"category_id", a.category},
                       {"segmentation", {{"size", {image.height, image.width}}, {"counts", a.counts}}},
                       {"score", a.score}});
  }
  return text_of(results);
}

}  // namespace ldznet

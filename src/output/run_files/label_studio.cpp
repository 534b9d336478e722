#include "output/run_files/label_studio.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "mask/brush_rle.h"
#include "output/json_lines.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

Json result_json(const PictureResult& picture, std::size_t prompt, const std::vector<std::uint8_t>& brush_rle) {
  const PromptResult& result = picture.results[prompt];
  return {{"id", "prompt-" + std::to_string(prompt + 1)},
          {"type", "brushlabels"},
          {"from_name", "tag"},
          {"to_name", "image"},
          {"original_width", picture.width},
          {"original_height", picture.height},
          {"image_rotation", 0},
          {"score", rounded(result.score)},
          {"value", {{"format", "rle"}, {"rle", brush_rle}, {"brushlabels", {result.prompt}}}}};
}

}  // namespace

LabelStudioWriter::LabelStudioWriter(const std::filesystem::path& file, const RunMetadata& run)
    : file_(file, "\n"), model_(run.model.title() + ", " + run.method) {}

void LabelStudioWriter::add_mask(std::size_t prompt, const Mask& mask) {
  masks_.resize(prompt + 1);
  masks_[prompt] = encode_brush_rle(mask);
}

void LabelStudioWriter::add(const PictureResult& picture, const Image* /*image*/) {
  const std::vector<std::vector<std::uint8_t>> masks = std::exchange(masks_, {});
  if (picture.error) return;
  Json results = Json::array();
  double score = 0;
  for (std::size_t prompt = 0; prompt < picture.results.size(); ++prompt) {
    if (picture.results[prompt].area == 0) continue;
    results.push_back(result_json(picture, prompt, masks[prompt]));
    score += picture.results[prompt].score;
  }
  if (!results.empty()) score /= static_cast<double>(results.size());
  const Json task{
      {"data", {{"image", picture.image}}},
      {"predictions",
       Json::array({Json{{"model_version", model_}, {"score", rounded(score)}, {"result", std::move(results)}}})}};
  file_.add(task);
}

}  // namespace ldznet

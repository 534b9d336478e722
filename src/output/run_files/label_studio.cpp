#include "output/run_files/label_studio.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "ldznet/rle.h"
#include "mask/brush_rle.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

Json result_json(const PictureResult& picture, std::size_t prompt) {
  const PromptResult& result = picture.results[prompt];
  const Mask mask = decode_rle(result.counts, picture.width, picture.height);
  return {{"id", "prompt-" + std::to_string(prompt + 1)},
          {"type", "brushlabels"},
          {"from_name", "tag"},
          {"to_name", "image"},
          {"original_width", picture.width},
          {"original_height", picture.height},
          {"image_rotation", 0},
          {"score", rounded(result.score)},
          {"value", {{"format", "rle"}, {"rle", encode_brush_rle(mask)}, {"brushlabels", {result.prompt}}}}};
}

}  // namespace

LabelStudioWriter::LabelStudioWriter(const std::filesystem::path& file, const RunMetadata& run)
    : file_(file), model_(run.model_name + " " + run.model_version + ", " + run.method) {
  file_.write("[");
}

void LabelStudioWriter::add(const PictureResult& picture) {
  if (picture.error) return;
  Json results = Json::array();
  double score = 0;
  for (std::size_t prompt = 0; prompt < picture.results.size(); ++prompt) {
    if (picture.results[prompt].area == 0) continue;
    results.push_back(result_json(picture, prompt));
    score += picture.results[prompt].score;
  }
  if (!results.empty()) score /= static_cast<double>(results.size());
  const Json task{
      {"data", {{"image", picture.image}}},
      {"predictions",
       Json::array({Json{{"model_version", model_}, {"score", rounded(score)}, {"result", std::move(results)}}})}};
  file_.write((first_ ? "\n" : ",\n") + json_text(task));
  first_ = false;
}

void LabelStudioWriter::finish() {
  file_.write("\n]\n");
  file_.commit();
}

}  // namespace ldznet

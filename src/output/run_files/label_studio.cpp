#include "output/run_files/label_studio.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "draw/palette.h"
#include "mask/brush_rle.h"
#include "output/json_lines.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

/// "prompt-2", or "prompt-2-1" for its first instance.
std::string id_of(const PromptResult& result) {
  const std::string id = "prompt-" + std::to_string(result.prompt_index + 1);
  return result.instance > 0 ? id + "-" + std::to_string(result.instance) : id;
}

Json result_json(const PictureResult& picture, const PromptResult& result, const std::vector<std::uint8_t>& brush_rle) {
  return {{"id", id_of(result)},
          {"type", "brushlabels"},
          {"from_name", "tag"},
          {"to_name", "image"},
          {"original_width", picture.width},
          {"original_height", picture.height},
          {"image_rotation", 0},
          {"score", rounded(result.score)},
          {"value", {{"format", "rle"}, {"rle", brush_rle}, {"brushlabels", {result.prompt}}}}};
}

/// Whether a browser reads what follows the prefix as part of a URL. The keys of cloud storages, as in s3://bucket/,
/// are plain names.
bool is_url(const std::string& prefix) {
  return prefix.starts_with("http://") || prefix.starts_with("https://") || prefix.starts_with("/");
}

/// A path in a URL: all bytes but RFC 3986's unreserved characters and slashes become %XX.
std::string percent_encoded(const std::string& path) {
  std::string encoded;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    std::array<char, 4> code{};
    std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned char>(c));
    encoded += plain ? std::string(1, c) : code.data();
  }
  return encoded;
}

/// An attribute's value. Control characters that XML does not know become U+FFFD.
std::string xml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\t' || c == '\n' || c == '\r' || c == '"' || c == '&' || c == '<')
      escaped += "&#" + std::to_string(code) + ";";
    else
      escaped += code < ' ' ? "\xEF\xBF\xBD" : std::string(1, c);
  }
  return escaped;
}

std::string hex(const Color& color) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", color.red, color.green, color.blue);
  return text.data();
}

}  // namespace

LabelStudioWriter::LabelStudioWriter(const std::filesystem::path& file, const RunMetadata& run,
                                     std::string image_prefix)
    : file_(file, "\n"), model_(run.model.title() + ", " + run.method), image_prefix_(std::move(image_prefix)) {}

void LabelStudioWriter::add_mask(std::size_t number, const PromptResult& /*result*/, const Mask& mask) {
  masks_.resize(number + 1);
  masks_[number] = encode_brush_rle(mask);
}

void LabelStudioWriter::add(const PictureResult& picture, const Image* /*image*/) {
  const std::vector<std::vector<std::uint8_t>> masks = std::exchange(masks_, {});
  if (picture.error) return;
  Json results = Json::array();
  double score = 0;
  for (std::size_t number = 0; number < picture.results.size(); ++number) {
    const PromptResult& result = picture.results[number];
    if (result.area == 0) continue;
    results.push_back(result_json(picture, result, masks[number]));
    score += result.score;
  }
  if (!results.empty()) score /= static_cast<double>(results.size());
  const Json task{
      {"data", {{"image", image_prefix_ + (is_url(image_prefix_) ? percent_encoded(picture.image) : picture.image)}}},
      {"predictions",
       Json::array({Json{{"model_version", model_}, {"score", rounded(score)}, {"result", std::move(results)}}})}};
  file_.add(task);
}

void LabelStudioInterface::finish() {
  const std::vector<Color> colors = palette(prompts_);
  file_.write("<View>\n  <Image name=\"image\" value=\"$image\"/>\n  <BrushLabels name=\"tag\" toName=\"image\">\n");
  for (std::size_t k = 0; k < prompts_.size(); ++k)
    file_.write("    <Label value=\"" + xml(prompts_[k]) + "\" background=\"" + hex(colors[k]) + "\"/>\n");
  file_.write("  </BrushLabels>\n</View>\n");
  file_.commit();
}

}  // namespace ldznet

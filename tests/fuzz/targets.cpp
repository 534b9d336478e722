#include "fuzz/targets.h"

#include <nlohmann/json.hpp>

#include "cli/worker/request.h"
#include "data/dataset_manifest.h"
#include "fuzz/checks.h"
#include "ldznet/bundle.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "output/json_lines.h"
#include "prompt/parser.h"
#include "prompt/prompt_maps.h"

namespace ldznet::fuzz {

namespace {

constexpr std::uint64_t kMostPixelsHere = 1 << 20;  // larger pictures take too long

}  // namespace

void image(Bytes bytes) {
  try {
    const Image image = decode_image(bytes, "fuzz", kMostPixelsHere);
    require(image.width > 0 && image.height > 0);
    require(image.rgb.size() == std::size_t{3} * static_cast<std::size_t>(image.width) * image.height);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::bad_image);
  }
}

void prompt(Bytes bytes) {
  constexpr int kWidth = 3, kHeight = 2;
  const std::string text = text_of(bytes);
  try {
    const ParsedPrompts parsed = parse_prompts({text, "zebra"});
    PromptMaps maps(parsed);
    std::size_t complete = 0;
    const auto check = [&](std::size_t prompt, const Probability& map) {
      require(prompt == complete++ && map.width == kWidth && map.height == kHeight);
      for (const float value : map.values) require(value >= 0 && value <= 1);
    };
    for (std::size_t k = 0; k < parsed.phrases.size(); ++k)
      maps.add({kWidth, kHeight, {0, 1, 0.5F, 1 / (1.0F + static_cast<float>(k)), 0.25F, 0.75F}}, check);
    require(complete == 2);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::usage && message(error).ends_with("^"));
  }
}

void request(Bytes bytes) {
  const cli::PictureRequest request = cli::read_request(text_of(bytes), {});
  const auto id = nlohmann::json::parse(request.id, nullptr, false);
  require(!id.is_discarded());
  if (!request.error) {
    require(!request.command.prompts.empty() && request.picture.empty() == request.encoded.has_value());
    return;
  }
  const auto answer = nlohmann::json::parse(error_line(request.id, *request.error), nullptr, false);
  require(answer.is_object() && answer["id"] == id && answer["error"].is_object());
}

void bundle_manifest(Bytes bytes) {
  try {
    const Manifest manifest = parse_manifest(text_of(bytes), "model.json");
    require(!manifest.method_files.empty() && manifest.image_area > 0 && manifest.image_multiple > 0);
    for (const auto& [method, file] : manifest.method_files) require(manifest.files.contains(file));
    for (const auto& [file, entry] : manifest.files) require(file.find('/') == std::string::npos);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::bad_config);
  }
}

void dataset_manifest(Bytes bytes) {
  constexpr int kWidth = 64, kHeight = 48;
  try {
    const Sample sample = parse_dataset_line(text_of(bytes), 0, "folder", "manifest.jsonl line 1");
    require(!sample.phrase.empty() && !sample.image.empty());
    if (std::holds_alternative<std::filesystem::path>(sample.truth)) return;
    const auto* runs = std::get_if<RunLengths>(&sample.truth);
    if (runs != nullptr && std::uint64_t{1} * runs->width * runs->height > kMostPixelsHere) return;
    MaskReader reader;
    const Mask mask = ground_truth(sample, kWidth, kHeight, reader);
    require(mask.pixels.size() == static_cast<std::size_t>(mask.width) * mask.height);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::bad_image);
  }
}

}  // namespace ldznet::fuzz

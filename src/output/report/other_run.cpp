#include "output/report/other_run.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "ldznet/error.h"
#include "ldznet/rle.h"
#include "output/json_lines.h"

namespace ldznet {

namespace {

std::string key_of(const std::string& image) { return std::filesystem::path(image).lexically_normal().string(); }

/// A picture's result or error. Throws std::exception for any other text.
PictureResult read(const std::string& line) {
  const auto object = nlohmann::ordered_json::parse(line);
  if (!object.contains("error")) return read_json_object(object);
  PictureResult failed;
  object.at("image").get_to(failed.image);
  failed.error = Error(ErrorCode::bad_image, object.at("error").at("message").get<std::string>());
  return failed;
}

bool has_instances(const PictureResult& picture) {
  return std::any_of(picture.results.begin(), picture.results.end(),
                     [](const PromptResult& result) { return result.instance > 0; });
}

}  // namespace

OtherRun::OtherRun(std::string file, const std::vector<std::string>& lines) : file_(std::move(file)) {
  for (std::size_t k = 0; k < lines.size(); ++k) {
    if (is_blank(lines[k])) continue;
    PictureResult picture;
    try {
      picture = read(lines[k]);
    } catch (const std::exception&) {
      throw Error(ErrorCode::bad_config, file_ + ", line " + std::to_string(k + 1) + ", is not a line of --json",
                  "Compare with the file that an earlier run has written with --json.");
    }
    if (has_instances(picture))
      throw Error(ErrorCode::bad_config, file_ + " is from a run with --instances, whose masks are parts",
                  "Compare with a run without --instances.");
    for (const PromptResult& result : picture.results) append_new(prompts_, result.prompt);
    const auto [place, is_new] = numbers_.try_emplace(key_of(picture.image), pictures_.size());
    if (is_new)
      pictures_.push_back(std::move(picture));
    else
      pictures_[place->second] = std::move(picture);
  }
}

const PictureResult* OtherRun::find(const std::string& image) const {
  const auto found = numbers_.find(key_of(image));
  return found == numbers_.end() ? nullptr : &pictures_[found->second];
}

const PromptResult* find_result(const PictureResult& picture, const std::string& prompt) {
  const auto found = std::find_if(picture.results.begin(), picture.results.end(),
                                  [&](const PromptResult& result) { return result.prompt == prompt; });
  return found == picture.results.end() ? nullptr : &*found;
}

std::optional<Mask> mask_of(const PromptResult& result, int width, int height) {
  if (result.area == 0) return Mask{width, height, std::vector<std::uint8_t>(std::size_t{1} * width * height)};
  try {
    return decode_rle(result.counts, width, height);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<double> iou(const Mask& a, const Mask& b) {
  std::int64_t both = 0, either = 0;
  for (std::size_t k = 0; k < a.pixels.size(); ++k) {
    both += a.pixels[k] & b.pixels[k];
    either += a.pixels[k] | b.pixels[k];
  }
  if (either == 0) return std::nullopt;
  return static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace ldznet

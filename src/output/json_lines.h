#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ldznet/error.h"
#include "ldznet/mask.h"
#include "ldznet/pipeline.h"

namespace ldznet {

/// Names and files, in their order: {"mask", "ldznet-out/zoo.png.panda.mask.png"}.
using NamedFiles = std::vector<std::pair<std::string, std::string>>;

/// A box as JSON has it.
inline std::array<int, 4> xywh(const Box& box) { return {box.x, box.y, box.width, box.height}; }

/// What holds for every picture of a run.
struct RunMetadata {
  std::string model_name, model_version, model_sha256;
  std::string method;
  std::optional<int> timestep;  ///< unset: several, spread over the bundle's range
  std::uint64_t seed = 0;
  int samples = 1;
  double threshold = 0.5;
};

/// What was found for one prompt.
struct PromptResult {
  std::string prompt;
  double score = 0;            ///< mean probability inside the mask
  double max_probability = 0;  ///< of the whole picture
  std::int64_t area = 0;       ///< pixels inside
  std::array<int, 4> bbox{};   ///< x, y, width, height of the box round all of them
  std::string counts;          ///< COCO's compressed run lengths
  NamedFiles files;
  std::optional<std::vector<std::array<int, 4>>> boxes;   ///< of every region; unset: not asked for
  std::optional<std::vector<std::vector<int>>> polygons;  ///< x0, y0, x1, y1, ... of every region
};

/// What the label map of all prompts shows of one.
struct LabelSegment {
  std::size_t label = 0;      ///< the prompt's number, from 1
  std::int64_t area = 0;      ///< pixels
  std::array<int, 4> bbox{};  ///< x, y, width, height
};

/// What happened to one picture: its results, or the error that kept them away.
struct PictureResult {
  std::string image;          ///< as the user named it; "-" is stdin
  int width = 0, height = 0;  ///< of the upright picture; 0: never known
  Stages times;
  double total_ms = 0;
  std::vector<PromptResult> results;
  NamedFiles files;                                   ///< made for all prompts together
  std::optional<std::vector<LabelSegment>> segments;  ///< of the label map; unset: there is none
  std::optional<Error> error;
};

/// What every line of JSON names as its "schema": docs/ldznet-1.schema.json.
constexpr const char* kLineSchema = "ldznet/1";

/// As files tell it: six decimals say all that float32 networks know.
double rounded(double probability);

/// The picture's line in the JSON output, with its line feed, members in the schema's order. Always valid JSON: bytes
/// that are not UTF-8 become U+FFFD. `id` is JSON, the request's that the line answers; empty: there is none.
std::string json_line(const RunMetadata& run, const PictureResult& picture, const std::string& id = "");

/// The line that answers a request of which no picture came.
std::string error_line(const std::string& id, const Error& error);

/// What such a line of a picture without an error says of it; `json_line` makes the same line of it again.
/// Throws std::exception for anything else.
PictureResult read_json_line(std::string_view line);

}  // namespace ldznet

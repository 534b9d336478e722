#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/model_id.h"
#include "base/output_kind.h"
#include "ldznet/error.h"
#include "ldznet/mask.h"
#include "ldznet/pipeline.h"
#include "ldznet/polygons.h"
#include "mask/label_map.h"

namespace ldznet {

/// Files in the order they were written: {OutputKind::mask, "ldznet-out/zoo.png.panda.mask.png"}.
using NamedFiles = std::vector<std::pair<OutputKind, std::string>>;

/// What is the same for every picture of a run.
struct RunMetadata {
  ModelId model;
  std::string method;
  std::optional<int> timestep;  ///< unset: several, evenly spaced in the bundle's range
  std::uint64_t seed = 0;
  int samples = 1;  ///< noise draws
  double threshold = 0.5;
};

/// The result of one prompt, or of one region of its mask.
struct PromptResult {
  std::size_t prompt_index = 0;      ///< among the run's prompts
  std::string prompt;                ///< as the user wrote it
  std::vector<std::string> phrases;  ///< that an expression consists of; none for a plain phrase
  int instance = 0;                  ///< the region's number in the prompt's mask, from 1; 0: the whole mask
  double score = 0;                  ///< mean probability inside the mask
  double max_probability = 0;        ///< over the whole picture, or of the instance
  std::int64_t area = 0;             ///< pixels inside the mask
  std::array<int, 4> bbox{};         ///< x, y, width, height; all 0 for an empty mask
  std::string counts;                ///< COCO's compressed run lengths; empty: not asked for
  NamedFiles files;
  std::optional<std::vector<std::array<int, 4>>> boxes;  ///< x, y, width, height of every region; unset: not asked for
  std::optional<std::vector<Polygon>> polygons;          ///< of every region; unset: likewise
};

/// A result's pixels in the label map of all results.
struct LabelSegment {
  std::size_t label = 0;      ///< the result's number, from 1
  std::int64_t area = 0;      ///< pixels
  std::array<int, 4> bbox{};  ///< x, y, width, height
};

/// One picture: its results, or the error that prevented them.
struct PictureResult {
  std::string image;          ///< as the user named it; "-" is stdin
  int width = 0, height = 0;  ///< of the upright picture; 0: unknown
  Stages times;               ///< milliseconds
  double total_ms = 0;
  std::vector<PromptResult> results;                  ///< by prompt, then by instance
  NamedFiles files;                                   ///< those for all prompts together
  std::optional<std::vector<LabelSegment>> segments;  ///< of the label map; unset: there is none
  std::optional<Error> error;
};

/// A stage of the JSON's "timing_ms" and the members of Stages that it sums up.
struct ReportedStage {
  const char* name;
  double Stages::*value;
  double Stages::*added = nullptr;

  double of(const Stages& times) const { return times.*value + (added != nullptr ? times.*added : 0); }
};

inline constexpr std::array<ReportedStage, 6> kReportedStages = {{{"decode", &Stages::decode},
                                                                  {"vae", &Stages::vae, &Stages::preprocess},
                                                                  {"text", &Stages::text},
                                                                  {"unet", &Stages::unet},
                                                                  {"znet", &Stages::znet},
                                                                  {"write", &Stages::write}}};

/// Which optional members of a prompt's result are computed.
struct JsonFields {
  bool counts = false;    ///< COCO's run lengths
  bool boxes = false;     ///< a box for every region
  bool polygons = false;  ///< outlines of every region
  double simplify = 0;    ///< pixels that the polygons may stray from the outlines
};

/// The result of a prompt without its files. Scores are rounded as in the JSON, so that nothing can tell a result from
/// one that --resume has read. `outlines`: the mask's, needed for boxes and polygons
/// only.
PromptResult prompt_result(const std::string& prompt, const FoundMask& found, const std::vector<Polygon>& outlines,
                           const JsonFields& fields);

/// The segments of a label map in the order of their labels. A result that has no pixel in the map has no segment.
std::vector<LabelSegment> label_segments(const LabelMap& map);

}  // namespace ldznet

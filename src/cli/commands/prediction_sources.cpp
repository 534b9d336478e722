#include "cli/commands/prediction_sources.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <system_error>
#include <utility>

#include "base/paths.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/process_memory.h"
#include "data/metrics.h"
#include "image/mask_picture.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// Throws Error(usage) when two names are equal.
void check_unique(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names)
    if (!seen.insert(name).second)
      throw Error(ErrorCode::usage, "two methods have the name \"" + name + "\"",
                  "Name the predictions: --predictions NAME=DIR.");
}

/// With --predictions, heads are evaluated only when --methods names them.
bool has_heads(const EvalCommand& command) { return command.predictions.empty() || !command.load.methods.empty(); }

/// Whether a readable picture in the folder holds more than masks do. Lossy compression makes shades of its own.
bool find_shades(const fs::path& folder, MaskReader& reader) {
  std::error_code error;
  for (fs::directory_iterator entries(folder, error), end; !error && entries != end; entries.increment(error)) {
    if (lower_suffix(entries->path()) != ".png") continue;
    try {
      const MaskPicture picture = reader.read(entries->path());
      if (picture.is_exact && has_shades(picture.map)) return true;
    } catch (const Error&) {
      continue;  // an error of its own sample, if it belongs to one
    }
  }
  return false;
}

}  // namespace

Probability ExternalPredictions::read(const std::string& id) {
  MaskPicture picture = reader.read(folder / (id + ".png"));
  if (!picture.least) return std::move(picture.map);
  if (!has_shades) has_shades = find_shades(folder, reader);
  if (*has_shades)
    for (float& value : picture.map.values) value *= *picture.least;
  return std::move(picture.map);
}

ExternalPredictions parse_predictions(const std::string& text) {
  const std::size_t sign = text.find('=');
  const bool named = sign != std::string::npos && text.find('/') > sign;
  ExternalPredictions predictions{named ? text.substr(0, sign) : "", named ? text.substr(sign + 1) : text};
  if (named && (predictions.name.empty() || predictions.folder.empty()))
    throw Error(ErrorCode::usage, "--predictions must be DIR or NAME=DIR, not \"" + text + "\"",
                "Write ./a=b for a folder whose name contains \"=\".");
  if (!fs::is_directory(predictions.folder))
    throw Error(ErrorCode::missing_input, "--predictions " + predictions.folder.string() + " is not a folder",
                "Name the folder with the predictions, <id>.png.");
  if (!named) predictions.name = full_path(predictions.folder).filename().string();
  return predictions;
}

PredictionSources::PredictionSources(const EvalCommand& command) : command_(command) {
  for (const std::string& text : command.predictions) {
    external_.push_back(parse_predictions(text));
    external_.back().reader = MaskReader(command.max_pixels);
    names_.push_back(external_.back().name);
  }
  names_.insert(names_.end(), command.load.methods.begin(), command.load.methods.end());
  check_unique(names_);
  if (!has_heads(command)) return;
  pipeline_.emplace(load_pipeline(command.model, command.load));
  if (command.load.methods.empty()) names_.push_back(pipeline_->manifest().default_method);
  SegmentOptions options = command.segment;
  for (std::size_t m = first_head(); m < names_.size(); ++m) {
    options.method = names_[m];
    if (warn_about_timestep(options, pipeline_->manifest())) break;
  }
}

std::vector<std::vector<Probability>> PredictionSources::predict(const Image& image, const ImageSamples& samples) {
  std::vector<std::vector<Probability>> probabilities;
  for (ExternalPredictions& external : external_) {
    auto& method = probabilities.emplace_back();
    for (const Sample* sample : samples) method.push_back(external.read(sample->id));
  }
  if (!pipeline_) return probabilities;
  const auto needed = [&](int size, int batch_size) {
    std::uint64_t most = 0;
    SegmentOptions options = command_.segment;
    options.batch_size = batch_size;
    for (std::size_t m = first_head(); m < names_.size(); ++m) {
      options.method = names_[m];
      most = std::max(most, pipeline_->memory_needed(image.width, image.height, samples.size(), {size}, options));
    }
    return most + (names_.size() * samples.size()) * (image.rgb.size() / 3) * sizeof(float);  // all maps
  };
  require_memory(samples.front()->image.string(), needed, command_.encode.size, command_.segment.batch_size);
  const EncodedImage encoded = pipeline_->encode(image, command_.encode);
  std::vector<std::string> phrases;
  for (const Sample* sample : samples) phrases.push_back(sample->phrase);
  SegmentOptions options = command_.segment;
  for (std::size_t m = first_head(); m < names_.size(); ++m) {
    options.method = names_[m];
    probabilities.push_back(pipeline_->segment(encoded, phrases, options));
  }
  return probabilities;
}

void PredictionSources::describe(EvaluationMetadata& metadata) const {
  for (const ExternalPredictions& external : external_)
    metadata.predictions.emplace_back(external.name, external.folder.string());
  if (!pipeline_) return;
  const Manifest& manifest = pipeline_->manifest();
  metadata.model = model_id(manifest);
  metadata.timestep = only_timestep(command_.segment, manifest);
  metadata.seed = command_.segment.seed;
  metadata.draws = command_.segment.samples;
}

}  // namespace ldznet::cli

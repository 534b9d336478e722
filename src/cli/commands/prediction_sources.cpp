#include "cli/commands/prediction_sources.h"

#include <set>
#include <utility>

#include "cli/process/load_pipeline.h"
#include "image/gray.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

void require_different(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names)
    if (!seen.insert(name).second)
      throw Error(ErrorCode::usage, "two rows would be called \"" + name + "\"",
                  "Give the pictures another name: --predictions NAME=DIR.");
}

/// Other systems' pictures stand in place of ours unless heads are asked for, too.
bool has_own_rows(const EvalCommand& command) { return command.predictions.empty() || !command.load.methods.empty(); }

}  // namespace

Predictions parse_predictions(const std::string& text) {
  const std::size_t sign = text.find('=');
  const bool named = sign != std::string::npos && text.find('/') > sign;
  Predictions predictions{named ? text.substr(0, sign) : "", named ? text.substr(sign + 1) : text};
  if (named && (predictions.name.empty() || predictions.folder.empty()))
    throw Error(ErrorCode::usage, "--predictions must be DIR or NAME=DIR, not \"" + text + "\"",
                "A folder whose name has a \"=\" is written ./a=b.");
  if (!fs::is_directory(predictions.folder))
    throw Error(ErrorCode::missing_input, "--predictions " + predictions.folder.string() + " is no folder",
                "Name the folder that holds the pictures.");
  if (!named) {
    const fs::path whole = fs::absolute(predictions.folder).lexically_normal();
    predictions.name = (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  }
  return predictions;
}

Predictors::Predictors(const EvalCommand& command) : command_(command) {
  for (const std::string& text : command.predictions) {
    others_.push_back(parse_predictions(text));
    names_.push_back(others_.back().name);
  }
  names_.insert(names_.end(), command.load.methods.begin(), command.load.methods.end());
  require_different(names_);
  if (!has_own_rows(command)) return;
  pipeline_.emplace(load_pipeline(command.model, command.load));
  if (command.load.methods.empty()) names_.push_back(pipeline_->manifest().default_method);
}

std::vector<std::vector<Probability>> Predictors::predict(const Image& image, const Samples& samples) const {
  std::vector<std::vector<Probability>> probabilities;
  for (const Predictions& other : others_) {
    auto& row = probabilities.emplace_back();
    for (const Sample* sample : samples) row.push_back(read_gray(other.folder / (sample->id + ".png")));
  }
  if (!pipeline_) return probabilities;
  const EncodedImage encoded = pipeline_->encode(image, command_.encode);
  std::vector<std::string> phrases;
  for (const Sample* sample : samples) phrases.push_back(sample->phrase);
  SegmentOptions options = command_.segment;
  for (std::size_t row = first_own(); row < names_.size(); ++row) {
    options.method = names_[row];
    probabilities.push_back(pipeline_->segment(encoded, phrases, options));
  }
  return probabilities;
}

void Predictors::describe(EvaluationFacts& facts) const {
  for (const Predictions& other : others_) facts.predictions.emplace_back(other.name, other.folder.string());
  if (!pipeline_) return;
  const Manifest& manifest = pipeline_->manifest();
  facts.model_name = manifest.name;
  facts.model_version = manifest.version;
  facts.model_sha256 = manifest.sha256;
  facts.timestep = only_timestep(command_.segment, manifest);
  facts.seed = command_.segment.seed;
  facts.samples = command_.segment.samples;
}

}  // namespace ldznet::cli

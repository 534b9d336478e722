#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/log.h"
#include "base/methods.h"
#include "cli/commands/open_dataset.h"
#include "cli/commands/result_files.h"
#include "cli/process/interrupt.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/process_memory.h"
#include "cli/process/progress.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "data/dataset.h"
#include "draw/heat_map.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "output/png.h"
#include "probe/feature_probes.h"
#include "probe/linear_probe.h"
#include "probe/probe_result.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

constexpr double kTrainShare = 0.5;

/// The data set's images; the first `fitted` of them train the probes, the others test them.
struct ProbeImages {
  std::vector<ImageSamples> images;
  std::size_t fitted = 0;
};

/// The whitened text embeddings of all phrases.
struct PhraseDirections {
  int dimensions = 0;
  std::map<std::string, std::vector<double>> by_phrase;
};

/// An image, encoded once for all timesteps, with its labels.
struct ProbedImage {
  EncodedImage encoded;
  LabelledImage labelled;
};

/// Splits the images. Throws Error(bad_image) when there are too few.
ProbeImages split(const ProbeCommand& command, const Dataset& dataset) {
  ProbeImages split{by_image(dataset)};
  const std::size_t images = split.images.size();
  if (images < 2)
    throw Error(ErrorCode::bad_image, command.dataset[0] + " has too few images to fit and test a linear probe",
                "There must be two or more; --limit counts their phrases.");
  const auto fitted = std::lround(command.train_share.value_or(kTrainShare) * static_cast<double>(images));
  split.fitted = std::clamp<std::size_t>(static_cast<std::size_t>(fitted), 1, images - 1);
  return split;
}

/// The centres of kProbeTimesteps equal parts of the noise schedule.
std::vector<int> spread_timesteps(const Manifest& manifest) {
  std::vector<int> timesteps;
  for (int i = 0; i < kProbeTimesteps; ++i)
    timesteps.push_back(manifest.noise_steps * (2 * i + 1) / (2 * kProbeTimesteps));
  return timesteps;
}

/// Embeds all phrases, whitened by those of the training images. Throws Error(bad_image) when these have fewer than two
/// different phrases.
PhraseDirections embed_phrases(const ProbeCommand& command, const Pipeline& pipeline, const ProbeImages& images) {
  std::map<std::string, std::vector<float>> embeddings;
  std::set<std::string> training;
  for (std::size_t i = 0; i < images.images.size(); ++i)
    for (const Sample* sample : images.images[i]) {
      if (i < images.fitted) training.insert(sample->phrase);
      if (!embeddings.contains(sample->phrase))
        embeddings.emplace(sample->phrase, pipeline.text_embedding(sample->phrase));
    }
  if (training.size() < 2)
    throw Error(ErrorCode::bad_image, command.dataset[0] + " has too few phrases to fit a linear probe",
                "The training images must have two or more different phrases.");
  std::vector<std::vector<float>> training_embeddings;
  for (const std::string& phrase : training) training_embeddings.push_back(embeddings.at(phrase));
  const Whitening whitening(training_embeddings);
  PhraseDirections directions{whitening.dimensions(), {}};
  for (const auto& [phrase, embedding] : embeddings) directions.by_phrase.emplace(phrase, whitening(embedding));
  return directions;
}

ProbedImage read(const ProbeCommand& command, const Pipeline& pipeline, const PhraseDirections& directions,
                 const ImageSamples& samples, MaskReader& reader) {
  const Image image = read_image(samples.front()->image, command.max_pixels);
  const auto needed = [&](int size, int /*batch_size*/) {
    return pipeline.memory_needed(image.width, image.height, EncodeOptions{size});
  };
  require_memory(samples.front()->image.string(), needed, command.encode.size, 1);
  ProbedImage probed{pipeline.encode(image, command.encode), {}};
  for (const Sample* sample : samples) {
    probed.labelled.directions.push_back(directions.by_phrase.at(sample->phrase));
    probed.labelled.masks.push_back(ground_truth(*sample, image.width, image.height, reader));
  }
  return probed;
}

/// The result before any timestep was probed.
ProbeResult begin_result(const ProbeCommand& command, const Dataset& dataset, const ProbeImages& images,
                         const Manifest& manifest) {
  ProbeResult result;
  result.dataset = dataset.name;
  result.folder = command.dataset[0];
  result.model = model_id(manifest);
  result.seed = command.features.seed;
  result.fitted_images = images.fitted;
  result.tested_images = images.images.size() - images.fitted;
  result.timesteps = command.timesteps.empty() ? spread_timesteps(manifest) : command.timesteps;
  for (const std::string& name : command.features.names.empty() ? manifest.features : command.features.names)
    result.features.push_back({name, 0, {}});
  return result;
}

/// Fits and tests probes on all features at one timestep and adds their AP to the result. False when interrupted.
bool probe_timestep(const Pipeline& pipeline, const std::vector<ProbedImage>& images, const FeatureOptions& options,
                    Progress& progress, ProbeResult& result) {
  FeatureProbes probes(result.fitted_images, result.dimensions);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (InterruptWatch::signal() != 0) return false;
    progress.show();
    const std::vector<Feature> features = pipeline.features(images[i].encoded, options);
    for (std::size_t f = 0; f < features.size(); ++f) result.features[f].channels = features[f].channels;
    if (i == result.fitted_images) probes.fit();
    if (i < result.fitted_images)
      probes.add(features, images[i].labelled);
    else
      probes.test(features, images[i].labelled);
    progress.advance();
  }
  for (std::size_t f = 0; f < result.features.size(); ++f) {
    const Summary summary = probes.summary(f);
    result.features[f].ap.push_back(summary.ap.value_or(0));
    result.tested_samples = summary.samples;
    result.absent_samples = summary.absent;
  }
  return true;
}

/// Reads and encodes all images, then probes every timestep. Nothing when interrupted.
std::optional<ProbeResult> probe(const ProbeCommand& command, const Dataset& dataset, const ProbeImages& images,
                                 const Pipeline& pipeline) {
  ProbeResult result = begin_result(command, dataset, images, pipeline.manifest());
  const PhraseDirections directions = embed_phrases(command, pipeline, images);
  result.dimensions = directions.dimensions;
  std::vector<ProbedImage> probed;
  MaskReader reader(command.max_pixels);
  for (const ImageSamples& samples : images.images) {
    if (InterruptWatch::signal() != 0) return std::nullopt;
    probed.push_back(read(command, pipeline, directions, samples, reader));
  }
  Progress progress(probed.size() * result.timesteps.size(), progress_wanted(command.log, command.no_progress));
  FeatureOptions options = command.features;
  options.names.clear();
  for (const FeatureScores& feature : result.features) options.names.push_back(feature.name);
  for (const int timestep : result.timesteps) {
    options.timestep = timestep;
    if (!probe_timestep(pipeline, probed, options, progress, result)) return std::nullopt;
  }
  return result;
}

Image heat_map(const ProbeResult& result) {
  HeatMap map{"AP (%) by block of the UNet and timestep: " + result.dataset, "block", "timestep", {}, {}, {}};
  for (std::size_t f = 0; f < result.features.size(); ++f) {
    map.rows.push_back(std::to_string(f + 1) + "  " + result.features[f].name);
    auto& row = map.values.emplace_back();
    for (const double ap : result.features[f].ap) row.push_back(100 * ap);
  }
  for (const int timestep : result.timesteps) map.columns.push_back(std::to_string(timestep));
  return draw_heat_map(map);
}

}  // namespace

int run(const ProbeCommand& command) {
  const Dataset dataset = open_dataset(command.dataset[0], command.split, command.limit);
  const fs::path drawing = drawing_file(command.output, dataset.name, ".probe.png");
  check_result_file(drawing, command.overwrite);
  if (command.json && *command.json != "-") check_result_file(*command.json, command.overwrite);
  const ProbeImages images = split(command, dataset);
  const Pipeline pipeline = load_pipeline(command.model, command.load, method_with_taps());

  const std::optional<ProbeResult> result = probe(command, dataset, images, pipeline);
  if (!result) {
    log::warn("interrupted; nothing is reported");
    return InterruptWatch::exit_code();
  }

  write_file(drawing, encode_png(heat_map(*result)), command.overwrite);
  if (command.json) write_result(*command.json, probe_json(*result));
  if (command.json != "-") write_stdout(probe_table(*result));
  return 0;
}

}  // namespace ldznet::cli

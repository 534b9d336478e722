#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/decimals.h"
#include "base/json_text.h"
#include "base/log.h"
#include "cli/args/segment_options.h"
#include "cli/process/interrupt.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "data/dataset.h"
#include "data/metrics.h"
#include "draw/heat_map.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "mask/threshold.h"
#include "output/plan.h"
#include "output/png.h"
#include "output/progress.h"
#include "output/standard_output.h"
#include "output/table.h"
#include "probe/linear_probe.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

constexpr double kTrainShare = 0.5;

/// An image of the data set, encoded once for all timesteps, and what is known about it.
struct ProbedImage {
  EncodedImage encoded;
  Labelled labelled;
};

/// The middles of equal parts of the noise schedule.
std::vector<int> spread_timesteps(const Manifest& manifest) {
  std::vector<int> timesteps;
  for (int i = 0; i < kProbeTimesteps; ++i)
    timesteps.push_back(manifest.noise_steps * (2 * i + 1) / (2 * kProbeTimesteps));
  return timesteps;
}

fs::path drawing_file(const ProbeCommand& command, const Dataset& dataset) {
  const fs::path output = command.output.empty() ? fs::path(kDefaultOutput) : fs::path(command.output);
  if (is_one_file(output)) return output;
  return output / fitted_name(safe_path(dataset.name), ".probe.png");
}

/// A `probe` run after its planning.
class ProbeRun {
 public:
  ProbeRun(const ProbeCommand& command, const Dataset& dataset)
      : command_(command),
        dataset_(dataset),
        images_(by_image(dataset)),
        fitted_(split(command, images_.size())),
        pipeline_(load_pipeline(command.model, command.load, "ldznet")),
        names_(command.features.names.empty() ? pipeline_.manifest().features : command.features.names),
        timesteps_(command.timesteps.empty() ? spread_timesteps(pipeline_.manifest()) : command.timesteps),
        progress_(images_.size() * timesteps_.size(), progress_wanted(command.log, command.no_progress)) {}

  /// False when it was interrupted.
  bool run() {
    embed_phrases();
    for (const Samples& samples : images_) {
      if (InterruptWatch::signal() != 0) return false;
      read(samples);
    }
    ap_.assign(names_.size(), {});
    for (const int timestep : timesteps_)
      if (!probe(timestep)) return false;
    progress_.hide();
    return true;
  }

  std::string table() const {
    std::string text = "block";
    for (const int timestep : timesteps_) text += "\tt=" + std::to_string(timestep);
    text += "\n";
    for (std::size_t b = 0; b < names_.size(); ++b) {
      text += names_[b];
      for (const double ap : ap_[b]) text += "\t" + decimals(100 * ap);
      text += "\n";
    }
    return text;
  }

  Image heat_map() const {
    HeatMap map{"AP (%) by block of the UNet and timestep: " + dataset_.name, "block", "timestep", {}, {}, ap_};
    for (auto& row : map.values)
      for (double& value : row) value *= 100;
    for (std::size_t b = 0; b < names_.size(); ++b) map.rows.push_back(std::to_string(b + 1) + "  " + names_[b]);
    for (const int timestep : timesteps_) map.columns.push_back(std::to_string(timestep));
    return draw(map);
  }

  std::string json() const {
    const Manifest& manifest = pipeline_.manifest();
    nlohmann::ordered_json all;
    all["schema"] = "ldznet-probe/1";
    all["dataset"] = {{"name", dataset_.name}, {"folder", command_.dataset[0]}};
    all["model"] = {{"name", manifest.name}, {"version", manifest.version}, {"sha256", manifest.sha256}};
    all["read_out"] = "ridge regression to whitened text embeddings, logistic curve";
    all["dimensions"] = whitening_->dimensions();
    all["seed"] = command_.features.seed;
    all["images"] = {{"fitted", fitted_}, {"tested", images_.size() - fitted_}};
    all["samples"] = {{"tested", tested_}, {"absent", absent_}};
    all["timesteps"] = timesteps_;
    all["features"] = nlohmann::ordered_json::array();
    for (std::size_t b = 0; b < names_.size(); ++b)
      all["features"].push_back({{"name", names_[b]}, {"channels", channels_[b]}, {"ap", ap_[b]}});
    return json_text(all, 2) + "\n";
  }

 private:
  /// How many of the images fit the read-outs. Throws Error(bad_image) when there are too few.
  static std::size_t split(const ProbeCommand& command, std::size_t images) {
    if (images < 2)
      throw Error(ErrorCode::bad_image, command.dataset[0] + " has too few images to fit a read-out and to test it",
                  "It takes two or more; --limit counts their phrases.");
    const auto wanted = std::lround(command.train_share.value_or(kTrainShare) * static_cast<double>(images));
    return std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, images - 1);
  }

  /// The direction of every phrase; the whitening follows from the phrases that fit the read-outs.
  void embed_phrases() {
    std::map<std::string, std::vector<float>> embeddings;
    std::set<std::string> first;
    for (std::size_t i = 0; i < images_.size(); ++i)
      for (const Sample* sample : images_[i]) {
        if (i < fitted_) first.insert(sample->phrase);
        if (!embeddings.contains(sample->phrase))
          embeddings.emplace(sample->phrase, pipeline_.text_embedding(sample->phrase));
      }
    std::vector<std::vector<float>> fitting;
    for (const std::string& phrase : first) fitting.push_back(embeddings.at(phrase));
    if (fitting.size() < 2)
      throw Error(ErrorCode::bad_image, command_.dataset[0] + " has too few phrases to fit a read-out",
                  "The first part of its images must have two different ones or more.");
    whitening_.emplace(fitting);
    for (const auto& [phrase, embedding] : embeddings) directions_.emplace(phrase, (*whitening_)(embedding));
  }

  void read(const Samples& samples) {
    const Image image = read_image(samples.front()->image);
    ProbedImage probed{pipeline_.encode(image, command_.encode), {}};
    for (const Sample* sample : samples) {
      probed.labelled.directions.push_back(directions_.at(sample->phrase));
      probed.labelled.masks.push_back(ground_truth(*sample, image.width, image.height));
    }
    probed_.push_back(std::move(probed));
  }

  /// Fits and tests every block at one timestep. False when it was interrupted.
  bool probe(int timestep) {
    std::vector<LinearProbe> readouts;
    std::vector<Metrics> metrics(names_.size());
    FeatureOptions options = command_.features;
    options.names = names_;
    options.timestep = timestep;
    for (std::size_t i = 0; i < probed_.size(); ++i) {
      if (InterruptWatch::signal() != 0) return false;
      progress_.show();
      const std::vector<Feature> features = pipeline_.features(probed_[i].encoded, options);
      if (i == 0)
        for (const Feature& feature : features)
          readouts.emplace_back(feature.channels, whitening_->dimensions(),
                                static_cast<std::int64_t>(fitted_) * feature.height * feature.width);
      if (i == fitted_)
        for (LinearProbe& readout : readouts) readout.fit();
      for (std::size_t b = 0; b < features.size(); ++b) {
        if (i < fitted_)
          readouts[b].add(features[b], probed_[i].labelled);
        else
          test(readouts[b], features[b], probed_[i].labelled, metrics[b]);
      }
      if (channels_.empty())
        for (const Feature& feature : features) channels_.push_back(feature.channels);
      progress_.advance();
    }
    for (std::size_t b = 0; b < names_.size(); ++b) {
      const Summary summary = metrics[b].summary();
      ap_[b].push_back(summary.ap);
      tested_ = summary.samples;
      absent_ = summary.absent;
    }
    return true;
  }

  static void test(const LinearProbe& readout, const Feature& feature, const Labelled& labelled, Metrics& metrics) {
    for (std::size_t p = 0; p < labelled.masks.size(); ++p) {
      const Mask& truth = labelled.masks[p];
      const Probability coarse = readout.probability(feature, labelled.directions[p]);
      metrics.add(count_pixels(resize(coarse, truth.width, truth.height), truth));
    }
  }

  const ProbeCommand& command_;
  const Dataset& dataset_;
  std::vector<Samples> images_;
  std::size_t fitted_;  ///< the first so many images fit the read-outs
  Pipeline pipeline_;
  std::vector<std::string> names_;
  std::vector<int> timesteps_;
  Progress progress_;
  std::optional<Whitening> whitening_;
  std::map<std::string, std::vector<double>> directions_;  ///< by phrase
  std::vector<ProbedImage> probed_;
  std::vector<int> channels_;            ///< by block
  std::vector<std::vector<double>> ap_;  ///< [block][timestep]
  std::size_t tested_ = 0, absent_ = 0;  ///< samples
};

}  // namespace

int run(const ProbeCommand& command) {
  const Dataset dataset = read_dataset(command.dataset[0], command.split, static_cast<std::size_t>(command.limit));
  const fs::path drawing = drawing_file(command, dataset);
  std::vector<fs::path> files = {drawing};
  if (command.json && *command.json != "-") files.emplace_back(*command.json);
  for (const fs::path& file : files) {
    check_not_existing(file, command.overwrite);
    check_writable(file.parent_path());
  }
  ProbeRun probe(command, dataset);
  if (!probe.run()) {
    log::warn("interrupted; nothing is reported");
    return InterruptWatch::exit_code();
  }
  write_file(drawing, encode_png(probe.heat_map()));
  if (command.json && *command.json != "-") write_file(*command.json, probe.json());
  write_stdout(command.json == "-" ? probe.json() : probe.table());
  return 0;
}

}  // namespace ldznet::cli

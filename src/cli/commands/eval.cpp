#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/log.h"
#include "cli/commands/prediction_sources.h"
#include "cli/process/interrupt.h"
#include "cli/process/run.h"
#include "data/dataset.h"
#include "data/evaluation.h"
#include "data/evaluation_text.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "mask/threshold.h"
#include "output/plan.h"
#include "output/png.h"
#include "output/progress.h"
#include "output/report/sample_report.h"
#include "output/standard_output.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

constexpr double kMaskThreshold = 0.5;  // of the masks that PhraseCut's own evaluator is given, and of those shown

/// An `eval` run after its planning.
class EvalRun {
 public:
  EvalRun(const EvalCommand& command, const Dataset& dataset, const Predictors& predictors)
      : command_(command),
        saves_masks_(command.save_as == kSaveMask || (command.save_as.empty() && dataset.phrasecut)),
        predictors_(predictors),
        images_(images_of(dataset, command.shard)),
        evaluation_(predictors.names()),
        progress_(images_.size(), progress_wanted(command.log, command.no_progress)) {
    facts_.dataset = dataset.name;
    facts_.folder = command.dataset[0];
    facts_.part = command.shard.name();
    facts_.left_out = dataset.left_out;
    for (const std::string& member : command.by) facts_.by += (facts_.by.empty() ? "" : ", ") + member;
    predictors.describe(facts_);
    if (!command.report.empty())
      worst_and_best_.emplace(command.report, "ldznet eval: " + dataset.name, evaluation_.methods());
  }

  int run() {
    require_predictions_free();
    for (const Samples& samples : images_) {
      if (InterruptWatch::signal() != 0) {
        progress_.hide();
        log::warn("interrupted after " + std::to_string(progress_.done()) + " of " + std::to_string(images_.size()) +
                  " pictures; nothing is reported");
        return InterruptWatch::exit_code();
      }
      progress_.show();
      try_image(samples);
      progress_.advance();
    }
    progress_.hide();
    report();
    if (facts_.failures.empty()) return 0;
    log::warn(std::to_string(facts_.failures.size()) + " of " + std::to_string(images_.size()) +
              " pictures failed and are not counted");
    return facts_.failures.size() == images_.size() ? static_cast<int>(ErrorCode::bad_image) : 1;
  }

 private:
  void try_image(const Samples& samples) {
    try {
      do_image(samples);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_image && error.code() != ErrorCode::missing_input) throw;
      progress_.hide();
      log::error(message(error));
      facts_.failures.emplace_back(samples.front()->image.string(), message(error));
    }
  }

  void do_image(const Samples& samples) {
    const Image image = read_image(samples.front()->image);
    std::vector<Mask> truths;
    for (const Sample* sample : samples) truths.push_back(ground_truth(*sample, image.width, image.height));
    const auto probabilities = predictors_.predict(image, samples);
    std::vector<std::vector<PixelCounts>> counts(probabilities.size());
    std::vector<std::vector<Mask>> shown(samples.size());  // by sample and method; only where there is a page for them
    for (std::size_t m = 0; m < probabilities.size(); ++m)
      for (std::size_t s = 0; s < samples.size(); ++s) {
        const Probability resized = resize(probabilities[m][s], truths[s].width, truths[s].height);
        counts[m].push_back(count_pixels(resized, truths[s]));
        if (worst_and_best_) shown[s].push_back(apply_threshold(resized, kMaskThreshold));
        if (!command_.save_predictions.empty() && m >= predictors_.first_own())
          save(m, samples[s]->id, probabilities[m][s]);
      }
    if (worst_and_best_) show(image, samples, truths, shown, counts);
    evaluation_.add_image(samples, counts);
    if (!command_.by.empty()) add_to_groups(samples, counts);
  }

  /// The pictures of this part, each with its samples.
  static std::vector<Samples> images_of(const Dataset& dataset, const Shard& shard) {
    const std::vector<Samples> all = by_image(dataset);
    std::vector<Samples> own;
    for (const std::size_t k : shard.of(all.size())) own.push_back(all[k]);
    return own;
  }

  /// Offers the image's samples to the page of the worst and the best.
  void show(const Image& image, const Samples& samples, const std::vector<Mask>& truths,
            const std::vector<std::vector<Mask>>& shown, const std::vector<std::vector<PixelCounts>>& counts) {
    for (std::size_t s = 0; s < samples.size(); ++s) {
      SampleFacts facts;
      facts.name = samples[s]->id + " " + samples[s]->phrase + ", " + samples[s]->image.filename().string();
      facts.absent = counts[0][s].absent();
      facts.truth = truths[s];
      facts.masks = shown[s];
      facts.image = &image;
      for (const std::vector<PixelCounts>& method : counts) facts.iou.push_back(method[s].iou(kAtHalf));
      worst_and_best_->add(facts);
    }
  }

  /// The values of the members that the groups are made by.
  std::string group_of(const Sample& sample) const {
    std::string value;
    for (const std::string& member : command_.by) {
      const auto tag = sample.tags.find(member);
      value += (value.empty() ? "" : ", ") + (tag == sample.tags.end() ? "-" : tag->second);
    }
    return value;
  }

  /// Adds the image's samples to the groups of their tags.
  void add_to_groups(const Samples& samples, const std::vector<std::vector<PixelCounts>>& counts) {
    std::map<std::string, Samples> of;
    std::map<std::string, std::vector<std::vector<PixelCounts>>> counts_of;
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const std::string value = group_of(*samples[s]);
      of[value].push_back(samples[s]);
      auto& group = counts_of[value];
      group.resize(counts.size());
      for (std::size_t m = 0; m < counts.size(); ++m) group[m].push_back(counts[m][s]);
    }
    for (const auto& [value, members] : of)
      groups_.try_emplace(value, evaluation_.methods()).first->second.add_image(members, counts_of[value]);
  }

  /// No planned prediction may be there already: known before the work, not after.
  void require_predictions_free() const {
    if (command_.save_predictions.empty()) return;
    for (std::size_t m = predictors_.first_own(); m < evaluation_.methods().size(); ++m)
      for (const Samples& samples : images_)
        for (const Sample* sample : samples) check_not_existing(prediction_file(m, sample->id), command_.overwrite);
  }

  fs::path prediction_file(std::size_t method, const std::string& id) const {
    const fs::path folder = command_.save_predictions;
    const auto& methods = evaluation_.methods();
    const bool alone = methods.size() - predictors_.first_own() == 1;
    return (alone ? folder : folder / methods[method]) / (id + ".png");
  }

  void save(std::size_t method, const std::string& id, const Probability& probability) const {
    write_file(prediction_file(method, id),
               saves_masks_ ? encode_png(apply_threshold(probability, kMaskThreshold)) : encode_png(probability));
  }

  void report() {
    const auto write = [](const std::string& file, const std::string& text) {
      if (file == "-")
        write_stdout(text);
      else
        write_file(file, text);
    };
    const EvaluationResult figures = evaluation_.figures();
    GroupFigures groups;
    for (const auto& [value, group] : groups_) groups.emplace(value, group.figures());
    const std::string table = evaluation_markdown(facts_, figures, groups);
    if (command_.json) write(*command_.json, evaluation_json(facts_, figures, groups, evaluation_.outcomes()));
    if (command_.csv) write(*command_.csv, evaluation_csv(figures));
    if (command_.markdown) write(*command_.markdown, table);
    if (worst_and_best_) worst_and_best_->finish(table);
    if (command_.json != "-" && command_.csv != "-" && command_.markdown != "-") write_stdout(table);
  }

  const EvalCommand& command_;
  bool saves_masks_;  ///< of predictions, in place of probabilities
  const Predictors& predictors_;
  std::vector<Samples> images_;
  Evaluation evaluation_;
  std::map<std::string, Evaluation> groups_;  ///< by the value of what they are made by
  EvaluationFacts facts_;
  std::optional<SampleReport> worst_and_best_;
  Progress progress_;
};

/// Files that the run would write at its end are looked at before it begins.
void check_outputs(const EvalCommand& command) {
  std::vector<fs::path> files;
  for (const auto* file : {&command.json, &command.csv, &command.markdown})
    if (*file && **file != "-") files.emplace_back(**file);
  if (!command.report.empty()) files.emplace_back(command.report);
  for (const fs::path& file : files) {
    check_not_existing(file, command.overwrite);
    check_writable(file.parent_path());
  }
  if (!command.save_predictions.empty()) check_writable(command.save_predictions);
}

/// Throws Error(usage) for what the data set has no use for.
void check_dataset_options(const EvalCommand& command, const Dataset& dataset) {
  if (!command.split.empty() && !dataset.phrasecut)
    throw Error(ErrorCode::usage, "--split " + command.split + ": " + command.dataset[0] + " is no PhraseCut folder",
                "A folder with manifest.jsonl is one split.");
  for (const std::string& member : command.by)
    if (std::none_of(dataset.samples.begin(), dataset.samples.end(),
                     [&](const Sample& sample) { return sample.tags.contains(member); }))
      throw Error(ErrorCode::usage, "--by " + member + ": no line of " + command.dataset[0] + " has such a member",
                  "Name a member of the manifest's lines.");
}

}  // namespace

int run(const EvalCommand& command) {
  const Dataset dataset = read_dataset(command.dataset[0], command.split, static_cast<std::size_t>(command.limit));
  check_dataset_options(command, dataset);
  check_outputs(command);
  if (dataset.left_out > 0)
    log::info(std::to_string(dataset.left_out) +
              " samples are left out: their images' sizes disagree with the annotations");
  const Predictors predictors(command);
  return EvalRun(command, dataset, predictors).run();
}

}  // namespace ldznet::cli

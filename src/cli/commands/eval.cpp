#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "cli/commands/open_dataset.h"
#include "cli/commands/prediction_sources.h"
#include "cli/commands/result_files.h"
#include "cli/commands/saved_predictions.h"
#include "cli/process/interrupt.h"
#include "cli/process/picture_errors.h"
#include "cli/process/progress.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "data/dataset.h"
#include "data/evaluation_text.h"
#include "data/grouped_evaluation.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "output/output_checks.h"
#include "output/report/sample_report.h"

namespace ldznet::cli {

namespace {

/// Throws Error(usage) when --by names a member that no sample has.
void check_group_members(const EvalCommand& command, const Dataset& dataset) {
  for (const std::string& member : command.by)
    if (std::none_of(dataset.samples.begin(), dataset.samples.end(),
                     [&](const Sample& sample) { return sample.tags.contains(member); }))
      throw Error(ErrorCode::usage, "--by " + member + ": no line of " + command.dataset[0] + " has such a member",
                  "Name a member of the manifest's lines.");
}

/// Checks before the work that the files at its end can be written. Throws Error(cannot_write).
void check_result_files(const EvalCommand& command) {
  for (const auto* file : {&command.json, &command.csv, &command.markdown})
    if (*file && **file != "-") check_result_file(**file, command.overwrite);
  if (!command.report.empty()) check_result_file(command.report, command.overwrite);
  if (!command.save_predictions.empty()) check_writable(command.save_predictions);
}

/// The images of this run's shard.
std::vector<ImageSamples> images_of(const Dataset& dataset, const Shard& shard) {
  const std::vector<ImageSamples> all = by_image(dataset);
  std::vector<ImageSamples> own;
  for (const std::size_t k : shard.of(all.size())) own.push_back(all[k]);
  return own;
}

EvaluationMetadata metadata_of(const EvalCommand& command, const Dataset& dataset, const PredictionSources& sources) {
  EvaluationMetadata metadata;
  metadata.dataset = dataset.name;
  metadata.folder = command.dataset[0];
  metadata.part = command.shard.name();
  metadata.left_out = dataset.left_out;
  metadata.by = joined(command.by);
  sources.describe(metadata);
  return metadata;
}

/// Evaluates image after image.
class EvalRun {
 public:
  EvalRun(const EvalCommand& command, const Dataset& dataset, PredictionSources& sources)
      : max_pixels_(command.max_pixels),
        sources_(sources),
        reader_(max_pixels_),
        saved_(command, dataset, sources),
        evaluation_(sources.names(), command.by) {
    if (!command.report.empty()) report_.emplace(command.report, "ldznet eval: " + dataset.name, sources.names());
  }

  const GroupedEvaluation& evaluation() const { return evaluation_; }
  const SavedPredictions& saved() const { return saved_; }
  std::optional<SampleReport>& report() { return report_; }

  /// Evaluates the image's samples with every method. Throws Error; after Error(bad_image) and Error(missing_input)
  /// the image is not counted.
  void add(const ImageSamples& samples) {
    const Image image = read_image(samples.front()->image, max_pixels_);
    std::vector<Mask> truths;
    for (const Sample* sample : samples) {
      truths.push_back(ground_truth(*sample, image.width, image.height, reader_));
      warn_about_size(*sample, image, truths.back());
    }
    const auto probabilities = sources_.predict(image, samples);
    CountsByMethod counts(probabilities.size());
    std::vector<std::vector<Mask>> masks(samples.size());  // [sample][method], for the report
    for (std::size_t m = 0; m < probabilities.size(); ++m)
      for (std::size_t s = 0; s < samples.size(); ++s) {
        const Probability resized = resize(probabilities[m][s], truths[s].width, truths[s].height);
        counts[m].push_back(count_pixels(resized, truths[s]));
        counts[m].back().has_shades = has_shades(probabilities[m][s]);
        if (report_) masks[s].push_back(apply_threshold(resized, kMaskThreshold));
      }
    saved_.write(samples, probabilities);
    for (std::size_t s = 0; report_ && s < samples.size(); ++s)
      report_->add(evaluated_sample(*samples[s], image, truths[s], masks[s], counts, s));
    evaluation_.add_image(samples, counts);
  }

 private:
  /// Warns, once a run, that a mask is not as large as its image.
  void warn_about_size(const Sample& sample, const Image& image, const Mask& truth) {
    if (warned_about_size_ || (truth.width == image.width && truth.height == image.height)) return;
    warned_about_size_ = true;
    log::warn(size_difference(sample, truth, image.width, image.height) +
              "; predictions are scaled to the size of their mask (further masks of another size are not reported)");
  }

  static EvaluatedSample evaluated_sample(const Sample& sample, const Image& image, const Mask& truth,
                                          const std::vector<Mask>& masks, const CountsByMethod& counts, std::size_t s) {
    EvaluatedSample evaluated;
    evaluated.name = sample.id + " " + sample.phrase + ", " + sample.image.filename().string();
    evaluated.absent = counts[0][s].absent();
    evaluated.truth = truth;
    evaluated.masks = masks;
    evaluated.image = &image;
    for (const std::vector<PixelCounts>& method : counts) evaluated.iou.push_back(method[s].iou(kAtHalf));
    return evaluated;
  }

  std::uint64_t max_pixels_;
  bool warned_about_size_ = false;
  PredictionSources& sources_;
  MaskReader reader_;
  SavedPredictions saved_;
  GroupedEvaluation evaluation_;
  std::optional<SampleReport> report_;
};

/// Evaluates all images; those that fail are added to the metadata's failures. False when it was interrupted.
bool evaluate(const std::vector<ImageSamples>& images, bool show_progress, EvalRun& run, EvaluationMetadata& metadata,
              ErrorCode& first_failure) {
  Progress progress(images.size(), show_progress);
  for (const ImageSamples& samples : images) {
    if (InterruptWatch::signal() != 0) {
      progress.hide();
      log::warn("interrupted after " + std::to_string(progress.done()) + " of " + std::to_string(images.size()) +
                " pictures; nothing is reported");
      return false;
    }
    progress.show();
    const std::string name = samples.front()->image.string();
    if (const auto error = error_of(name, [&] { run.add(samples); })) {
      if (!is_about_one_picture(error->code())) throw *error;
      progress.hide();
      log::error(message(*error));
      metadata.failures.emplace_back(name, message(*error));
      if (metadata.failures.size() == 1) first_failure = error->code();
    }
    progress.advance();
  }
  return true;
}

/// AP is defined by Simpson's rule, which overshoots where the recalls of the thresholds lie unevenly.
/// `group` is empty for all samples.
void warn_about_impossible_ap(const EvaluationResult& result, const std::string& group) {
  for (std::size_t m = 0; m < result.methods.size(); ++m) {
    const std::optional<double> ap = result.summaries[m].ap;
    if (!ap || (*ap >= 0 && *ap <= 1)) continue;
    log::warn("the AP of " + result.methods[m] + (group.empty() ? "" : " for " + group) +
              " is outside 0 to 100 and cannot be used: there are too few samples, or hardly any probabilities between "
              "0 and 1; compare mIoU");
  }
}

/// Writes all results: to the files that the command names, and the table to stdout unless something else goes there.
void write_results(const EvalCommand& command, const EvaluationMetadata& metadata, EvalRun& run) {
  const EvaluationResult result = run.evaluation().all().result();
  const GroupResults groups = run.evaluation().group_results();
  const std::vector<TextTable> tables = evaluation_tables(metadata, result, groups);
  const std::string table = evaluation_markdown(tables);
  warn_about_impossible_ap(result, "");
  for (const auto& [name, group] : groups) warn_about_impossible_ap(group, name);
  if (command.json)
    write_result(*command.json, evaluation_json(metadata, result, groups, run.evaluation().all().outcomes()));
  if (command.csv) write_result(*command.csv, evaluation_csv(result));
  if (command.markdown) write_result(*command.markdown, table);
  if (run.report()) run.report()->finish(tables);
  if (command.json != "-" && command.csv != "-" && command.markdown != "-") write_stdout(table);
}

int exit_code(std::size_t failures, std::size_t images, ErrorCode first_failure) {
  if (failures == 0) return 0;
  log::warn(std::to_string(failures) + " of " + std::to_string(images) + " pictures failed and are not counted");
  if (failures < images) return 1;
  return static_cast<int>(first_failure == ErrorCode::out_of_memory ? first_failure : ErrorCode::bad_image);
}

}  // namespace

int run(const EvalCommand& command) {
  const Dataset dataset = open_dataset(command.dataset[0], command.split, command.limit);
  check_group_members(command, dataset);
  check_result_files(command);
  if (dataset.left_out > 0)
    log::info(std::to_string(dataset.left_out) +
              " samples are left out: their images' sizes disagree with the annotations");
  PredictionSources sources(command);
  const std::vector<ImageSamples> images = images_of(dataset, command.shard);
  EvaluationMetadata metadata = metadata_of(command, dataset, sources);
  EvalRun run(command, dataset, sources);
  run.saved().check_not_existing(images, command.overwrite);

  ErrorCode first_failure = ErrorCode::bad_image;
  if (!evaluate(images, progress_wanted(command.log, command.no_progress), run, metadata, first_failure))
    return InterruptWatch::exit_code();

  write_results(command, metadata, run);
  return exit_code(metadata.failures.size(), images.size(), first_failure);
}

}  // namespace ldznet::cli

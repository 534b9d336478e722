#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/files/folder.h"
#include "cli/args/eval_options.h"
#include "cli/commands/prediction_sources.h"
#include "data/dataset.h"
#include "data/metrics.h"

namespace ldznet::cli {

/// Threshold of masks in files, as PhraseCut's own evaluation expects it, and in the report.
constexpr double kMaskThreshold = threshold_at(kAtHalf);

/// The files of `eval --save-predictions`: `<id>.png` for every sample, in a folder for each head when there are
/// several. Without that option it writes nothing.
class SavedPredictions {
 public:
  SavedPredictions(const EvalCommand& command, const Dataset& dataset, const PredictionSources& sources);

  /// Throws Error(cannot_write) when a file exists already and must not be replaced.
  void check_not_existing(const std::vector<ImageSamples>& images, bool overwrite) const;

  /// Writes the predictions for one image's samples ([method][sample]). Throws Error(cannot_write).
  void write(const ImageSamples& samples, const std::vector<std::vector<Probability>>& probabilities);

 private:
  std::filesystem::path file(std::size_t method, const Sample& sample) const;

  std::filesystem::path folder_;  ///< empty: nothing is saved
  std::optional<Folder> opened_;  ///< since the first file was written
  bool as_masks_;                 ///< masks at 0.5; otherwise probabilities
  std::vector<std::string> methods_;
  std::size_t first_;  ///< the first method whose predictions are saved
};

}  // namespace ldznet::cli

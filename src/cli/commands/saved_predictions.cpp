#include "cli/commands/saved_predictions.h"

#include "base/files/atomic_file.h"
#include "ldznet/mask.h"
#include "output/output_checks.h"
#include "output/png.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

SavedPredictions::SavedPredictions(const EvalCommand& command, const Dataset& dataset, const PredictionSources& sources)
    : folder_(command.save_predictions),
      as_masks_(command.save_as == kSaveMask || (command.save_as.empty() && dataset.phrasecut)),
      methods_(sources.names()),
      first_(folder_.empty() ? methods_.size() : sources.first_head()) {}

fs::path SavedPredictions::file(std::size_t method, const Sample& sample) const {
  const bool only_one = methods_.size() - first_ == 1;
  return (only_one ? folder_ : folder_ / methods_[method]) / (sample.id + ".png");
}

void SavedPredictions::check_not_existing(const std::vector<ImageSamples>& images, bool overwrite) const {
  for (std::size_t m = first_; m < methods_.size(); ++m)
    for (const ImageSamples& samples : images)
      for (const Sample* sample : samples) ldznet::check_not_existing(file(m, *sample), overwrite);
}

void SavedPredictions::write(const ImageSamples& samples, const std::vector<std::vector<Probability>>& probabilities) {
  for (std::size_t m = first_; m < methods_.size(); ++m)
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const Probability& probability = probabilities[m][s];
      const fs::path target = file(m, *samples[s]);
      if (!opened_) opened_.emplace(folder_);
      write_file(opened_->below(target.parent_path().lexically_relative(folder_)), target.filename(),
                 as_masks_ ? encode_png(apply_threshold(probability, kMaskThreshold)) : encode_png(probability), true);
    }
}

}  // namespace ldznet::cli

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/eval_options.h"
#include "data/dataset.h"
#include "data/evaluation_text.h"
#include "image/mask_picture.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// A folder of another system's predictions, `<id>.png`.
struct ExternalPredictions {
  std::string name;
  std::filesystem::path folder;
  MaskReader reader = MaskReader();
  std::optional<bool> has_shades = {};  ///< whether a picture in it holds more than two values; unset: not yet known

  /// The prediction with this id. A picture of 0 and 1 alone is a mask in a folder of masks; where others have shades,
  /// it is taken for very small probabilities. Throws Error(missing_input) and Error(bad_image).
  Probability read(const std::string& id);
};

/// Parses "NAME=DIR", or "DIR", whose name is the last part of its path. Text with a "/" before the first "=" is a DIR,
/// so "./a=b" names a folder. Throws Error(usage), and Error(missing_input) when there is no such folder.
ExternalPredictions parse_predictions(const std::string& text);

/// The methods that an evaluation compares, and their probabilities: first other systems' predictions, then heads of
/// the bundle.
class PredictionSources {
 public:
  /// Loads the bundle unless only other systems are evaluated. Throws Error(usage) when two methods have the same name,
  /// and what loading throws.
  explicit PredictionSources(const EvalCommand& command);

  /// The methods' names.
  const std::vector<std::string>& names() const { return names_; }

  /// The index of the first head; all methods after it are heads as well.
  std::size_t first_head() const { return external_.size(); }

  /// Probabilities by method and sample. The image is encoded once for all heads.
  std::vector<std::vector<Probability>> predict(const Image& image, const ImageSamples& samples);

  /// Fills in model, sampling and folders of predictions.
  void describe(EvaluationMetadata& metadata) const;

 private:
  const EvalCommand& command_;
  std::vector<ExternalPredictions> external_;
  std::vector<std::string> names_;
  std::optional<Pipeline> pipeline_;  ///< unset: no head is evaluated
};

}  // namespace ldznet::cli

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/eval_options.h"
#include "data/dataset.h"
#include "data/evaluation_text.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// Another system's pictures, a row of the table.
struct Predictions {
  std::string name;
  std::filesystem::path folder;
};

/// "NAME=DIR", or "DIR", which is called by the last part of its path. What holds a "/" before the first "=" is a DIR:
/// that lets "./a=b" be one. Throws Error(usage) and Error(missing_input).
Predictions parse_predictions(const std::string& text);

/// Where the probabilities of all rows come from: folders of other systems' pictures, then our networks' heads.
class Predictors {
 public:
  /// Loads the bundle where it has a row. Throws Error(usage) when two rows have one name, and what loading throws.
  explicit Predictors(const EvalCommand& command);

  /// Names of the rows.
  const std::vector<std::string>& names() const { return names_; }

  /// The first row that is ours: those from there on are heads.
  std::size_t first_own() const { return others_.size(); }

  /// Probabilities by row and sample. The image is encoded once for all of them.
  std::vector<std::vector<Probability>> predict(const Image& image, const Samples& samples) const;

  /// Adds what there is to say about them to the records.
  void describe(EvaluationFacts& facts) const;

 private:
  const EvalCommand& command_;
  std::vector<Predictions> others_;
  std::vector<std::string> names_;
  std::optional<Pipeline> pipeline_;  ///< unset: no row is ours
};

}  // namespace ldznet::cli

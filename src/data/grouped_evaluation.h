#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/evaluation.h"

namespace ldznet {

/// Results by group; a group is named by the values of its tags, "red, small".
using GroupResults = std::map<std::string, EvaluationResult>;

/// Evaluates all samples together and, separately, each group of samples whose tags have the same values.
class GroupedEvaluation {
 public:
  /// `tags` define the groups (see Sample::tags); empty: there are no groups.
  GroupedEvaluation(const std::vector<std::string>& methods, std::vector<std::string> tags);

  /// Adds the samples of one image.
  void add_image(const ImageSamples& samples, const CountsByMethod& counts);

  /// The evaluation of all samples.
  const Evaluation& all() const { return all_; }

  GroupResults group_results() const;

 private:
  /// The sample's values of `tags_`, "-" for one that it does not have.
  std::string group_of(const Sample& sample) const;

  std::vector<std::string> tags_;
  Evaluation all_;
  std::map<std::string, Evaluation> groups_;
};

}  // namespace ldznet

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/model_id.h"
#include "base/text.h"
#include "data/grouped_evaluation.h"

namespace ldznet {

/// How an evaluation was made.
struct EvaluationMetadata {
  std::string dataset, folder;
  std::string by;                                                ///< the tags that define the groups; empty: no groups
  std::string part;                                              ///< of the pictures, "2-of-8"; empty: all of them
  std::size_t left_out = 0;                                      ///< samples that the published evaluation leaves out
  ModelId model;                                                 ///< empty: predictions of other systems only
  std::vector<std::pair<std::string, std::string>> predictions;  ///< of other systems: name and folder
  std::optional<int> timestep;  ///< unset: several timesteps, or predictions of other systems only
  std::uint64_t seed = 0;
  int draws = 1;                                              ///< of the noise, averaged
  std::vector<std::pair<std::string, std::string>> failures;  ///< image and message
};

/// A row of published metrics, in percent; unset: not published.
struct PublishedRow {
  const char* system;
  std::optional<double> miou, iou_fg, ap;
};

/// The metrics that the LD-ZNet paper reports for a data set of this name ("PhraseCut", "AIGI"); empty for others.
std::vector<PublishedRow> published_rows(const std::string& dataset);

/// How many samples the published metrics are about: all of PhraseCut's test split or of AIGI; 0 for other data sets.
std::size_t published_samples(const std::string& dataset);

/// A table in percent: a row for each method, one for each method and group, and the published rows, which get a column
/// that says so unless they are about the same samples. A second table compares the methods when there are several.
std::vector<TextTable> evaluation_tables(const EvaluationMetadata& metadata, const EvaluationResult& result,
                                         const GroupResults& groups);

/// The tables in Markdown.
std::string evaluation_markdown(const std::vector<TextTable>& tables);

/// One JSON object with everything: metadata, metrics, curves, differences, samples and failures.
std::string evaluation_json(const EvaluationMetadata& metadata, const EvaluationResult& result,
                            const GroupResults& groups, const std::vector<SampleOutcome>& outcomes);

/// The curves as CSV, a line for each method and threshold.
std::string evaluation_csv(const EvaluationResult& result);

}  // namespace ldznet

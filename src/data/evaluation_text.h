#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "data/evaluation.h"

namespace ldznet {

/// What an evaluation was made with.
struct EvaluationFacts {
  std::string dataset, folder;
  std::string by;                                                ///< what the groups are made by; empty: there are none
  std::string part;                                              ///< of the pictures, "2-of-8"; empty: all of them
  std::size_t left_out = 0;                                      ///< samples that the published evaluation leaves out
  std::string model_name, model_version, model_sha256;           ///< empty: other systems' predictions alone
  std::vector<std::pair<std::string, std::string>> predictions;  ///< other systems' rows: name and folder
  std::optional<int> timestep;                                   ///< unset: several, or none of ours
  std::uint64_t seed = 0;
  int samples = 1;
  std::vector<std::pair<std::string, std::string>> failures;  ///< image and message
};

/// A row of published figures, in percent; unset: not published.
struct PublishedRow {
  const char* system;
  std::optional<double> miou, iou_fg, ap;
};

/// The LD-ZNet paper's figures on a data set of this name ("PhraseCut", "AIGI"); none for others.
std::vector<PublishedRow> published_rows(const std::string& dataset);

/// A Markdown table, a row a method and one a method and group, in percent, with the published rows below where there
/// are some; and one of how the methods differ, where there are several.
std::string evaluation_markdown(const EvaluationFacts& facts, const EvaluationResult& figures,
                                const GroupFigures& groups);

/// One JSON object with everything: figures, curves, differences, samples, failures.
std::string evaluation_json(const EvaluationFacts& facts, const EvaluationResult& figures, const GroupFigures& groups,
                            const std::vector<SampleOutcome>& outcomes);

/// A line a method and threshold.
std::string evaluation_csv(const EvaluationResult& figures);

}  // namespace ldznet

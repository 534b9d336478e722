#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/model_id.h"

namespace ldznet {

/// Average precision of linear probes on one feature.
struct FeatureScores {
  std::string name;
  int channels = 0;
  std::vector<double> ap;  ///< by timestep, 0 to 1
};

/// The result of probing a data set (paper, figure 2), and how it was made.
struct ProbeResult {
  std::string dataset, folder;
  ModelId model;
  int dimensions = 0;  ///< of the phrases' directions
  std::uint64_t seed = 0;
  std::size_t fitted_images = 0, tested_images = 0;
  std::size_t tested_samples = 0;  ///< whose object is present
  std::size_t absent_samples = 0;
  std::vector<int> timesteps;
  std::vector<FeatureScores> features;
};

/// AP in percent, tab-separated: a row for each feature, a column for each timestep.
std::string probe_table(const ProbeResult& result);

/// Everything as one JSON object, indented.
std::string probe_json(const ProbeResult& result);

}  // namespace ldznet

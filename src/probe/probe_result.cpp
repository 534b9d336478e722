#include "probe/probe_result.h"

#include <nlohmann/json.hpp>

#include "base/decimals.h"
#include "base/json_text.h"

namespace ldznet {

std::string probe_table(const ProbeResult& result) {
  std::string table = "block";
  for (const int timestep : result.timesteps) table += "\tt=" + std::to_string(timestep);
  table += "\n";
  for (const FeatureScores& feature : result.features) {
    table += feature.name;
    for (const double ap : feature.ap) table += "\t" + decimals(100 * ap);
    table += "\n";
  }
  return table;
}

std::string probe_json(const ProbeResult& result) {
  nlohmann::ordered_json json;
  json["schema"] = "ldznet-probe/1";
  json["dataset"] = {{"name", result.dataset}, {"folder", result.folder}};
  json["model"] = model_json(result.model);
  json["read_out"] = "ridge regression to whitened text embeddings, logistic curve";
  json["dimensions"] = result.dimensions;
  json["seed"] = result.seed;
  json["images"] = {{"fitted", result.fitted_images}, {"tested", result.tested_images}};
  json["samples"] = {{"tested", result.tested_samples}, {"absent", result.absent_samples}};
  json["timesteps"] = result.timesteps;
  json["features"] = nlohmann::ordered_json::array();
  for (const FeatureScores& feature : result.features)
    json["features"].push_back({{"name", feature.name}, {"channels", feature.channels}, {"ap", feature.ap}});
  return json_text(json, 2) + "\n";
}

}  // namespace ldznet

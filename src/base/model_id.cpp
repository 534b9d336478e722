#include "base/model_id.h"

#include <nlohmann/json.hpp>

namespace ldznet {

ModelId model_id(const Manifest& manifest) {
  return {manifest.name, manifest.version, manifest.sha256, manifest.domain};
}

nlohmann::ordered_json model_json(const ModelId& model) {
  nlohmann::ordered_json json = {{"name", model.name}, {"version", model.version}, {"sha256", model.sha256}};
  if (!model.domain.empty()) json["domain"] = model.domain;
  return json;
}

}  // namespace ldznet

#include "base/model_id.h"

#include <nlohmann/json.hpp>

namespace ldznet {

ModelId model_id(const Manifest& manifest) { return {manifest.name, manifest.version, manifest.sha256}; }

nlohmann::ordered_json model_json(const ModelId& model) {
  return {{"name", model.name}, {"version", model.version}, {"sha256", model.sha256}};
}

}  // namespace ldznet

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ldznet/bundle.h"

namespace ldznet {

/// The bundle that made a result; all empty: none did.
struct ModelId {
  std::string name, version;
  std::string sha256;  ///< of the manifest
  std::string domain;  ///< what it was trained on; empty: not said

  /// "ldznet-mini 4".
  std::string title() const { return name + " " + version; }
};

ModelId model_id(const Manifest& manifest);

/// The object that all JSON outputs have as "model".
nlohmann::ordered_json model_json(const ModelId& model);

}  // namespace ldznet

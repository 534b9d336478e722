#pragma once

#include <string>

namespace ldznet {

/// The JSON value as text, on one line unless an `indent` is given. Always valid JSON: bytes that are not UTF-8 become
/// U+FFFD. `Json` is one of nlohmann's types.
template <typename Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ldznet

#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace ldznet {

inline constexpr int kDeepestJson = 64;  ///< nested brackets in JSON from outside; more could exhaust the stack

/// The JSON value as text, on one line unless an `indent` is given. Always valid JSON: bytes that are not UTF-8 become
/// U+FFFD. `Json` is one of nlohmann's types.
template <typename Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// Throws std::invalid_argument when brackets are nested deeper than kDeepestJson. For parser callbacks.
inline void check_depth(int depth) {
  if (depth > kDeepestJson)
    throw std::invalid_argument("there are more than " + std::to_string(kDeepestJson) + " nested brackets");
}

/// Parses JSON from outside. Throws std::invalid_argument when it is nested too deeply or its objects have more members
/// than `most_members`, and nlohmann's exceptions. ordered_json takes time in the square of an object's members.
template <typename Json, typename Input>
Json parse_shallow(Input&& input, std::size_t most_members = std::numeric_limits<std::size_t>::max()) {
  std::size_t members = 0;
  return Json::parse(std::forward<Input>(input), [&](int depth, typename Json::parse_event_t event, const Json&) {
    check_depth(depth);
    if (event == Json::parse_event_t::key && ++members > most_members)
      throw std::invalid_argument("there are more than " + std::to_string(most_members) + " members");
    return true;
  });
}

/// Whether all integers in the value are as they were written: the parser rounds those beyond 64 bits.
template <typename Json>
bool is_exact(const Json& json) {
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63
  if (json.is_number_float()) return std::abs(json.template get<double>()) < kBeyond;
  return !json.is_structured() ||
         std::all_of(json.begin(), json.end(), [](const Json& part) { return is_exact(part); });
}

/// A string itself, another value as JSON: an id as a name. Throws std::invalid_argument unless the value is_exact().
template <typename Json>
std::string id_text(const Json& id) {
  if (!is_exact(id))
    throw std::invalid_argument("the id has a number that does not fit into 64 bits: write it as a string");
  return id.is_string() ? id.template get<std::string>() : json_text(id);
}

}  // namespace ldznet

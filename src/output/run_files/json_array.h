#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/json_text.h"

namespace ldznet {

/// The elements of a JSON array that is written piece by piece.
class JsonArray {
 public:
  /// `before`: white space in front of every element.
  explicit JsonArray(std::string before = "") : before_(std::move(before)) {}

  /// The text of the next element, with a comma in front unless it is the first.
  std::string next(const nlohmann::ordered_json& element) {
    return (std::exchange(is_first_, false) ? "" : ",") + before_ + json_text(element);
  }

 private:
  std::string before_;
  bool is_first_ = true;
};

}  // namespace ldznet

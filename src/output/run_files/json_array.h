#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/files/atomic_file.h"
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

/// A JSON file that holds one array. All functions throw Error(cannot_write).
class JsonArrayFile {
 public:
  /// `before`: white space in front of every element and of the closing bracket.
  explicit JsonArrayFile(const std::filesystem::path& file, const std::string& before = "")
      : file_(file), before_(before), elements_(before) {
    file_.write("[");
  }

  void add(const nlohmann::ordered_json& element) { file_.write(elements_.next(element)); }

  /// Completes the file and moves it into place.
  void finish() {
    file_.write(before_ + "]\n");
    file_.commit();
  }

 private:
  AtomicFile file_;
  std::string before_;
  JsonArray elements_;
};

}  // namespace ldznet

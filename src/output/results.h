#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "output/json_lines.h"
#include "output/table.h"

namespace ldznet {

/// How a run's results are told.
enum class ResultFormat {
  none,       ///< not at all: stdout carries a picture
  json,       ///< JSON lines on stdout
  json_file,  ///< JSON lines in a file
  tsv,        ///< one tab-separated line a mask, on stdout
  table,      ///< the same in aligned columns
};

/// Tells what was found, picture by picture.
class Results {
 public:
  /// `json_file` counts for ResultFormat::json_file only, `color` for ResultFormat::table only. Throws
  /// Error(cannot_write).
  Results(ResultFormat format, RunMetadata run, const std::filesystem::path& json_file, bool color);

  /// Makes a table's columns wide enough for these names.
  void make_room(const std::string& image, const std::string& prompt) { table_.make_room(image, prompt); }

  /// Tells of one picture. Throws Error(cannot_write) and OutputClosed.
  void add(const PictureResult& picture);

  /// Ends the JSON file, which appears now. To be called at the end however it came about.
  /// Throws Error(cannot_write).
  void finish();

 private:
  ResultFormat format_;
  RunMetadata run_;
  std::optional<AtomicFile> json_file_;
  AlignedTable table_;
  bool titled_ = false;
};

}  // namespace ldznet

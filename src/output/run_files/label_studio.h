#pragma once

#include <filesystem>
#include <string>

#include "base/atomic_file.h"
#include "output/json_lines.h"

namespace ldznet {

/// A run as Label Studio's tasks with predictions, for a project whose labelling interface has <BrushLabels name="tag"
/// toName="image"> and <Image name="image" value="$image">. Tasks are written as they come, so that no more than one is
/// in memory.
class LabelStudioWriter {
 public:
  /// Throws Error(cannot_write).
  LabelStudioWriter(const std::filesystem::path& file, const RunMetadata& run);

  /// Adds one picture's results, with their run lengths; a picture that failed is left out. Throws Error(cannot_write).
  void add(const PictureResult& picture);

  /// Ends the file, which appears now. Throws Error(cannot_write).
  void finish();

 private:
  AtomicFile file_;
  std::string model_;
  bool first_ = true;
};

}  // namespace ldznet

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "ldznet/image.h"
#include "mask/palette.h"
#include "output/json_lines.h"

namespace ldznet {

/// A run as one HTML page to look at, which needs no other file and no network: every picture, small, with its masks.
/// Pictures are written as they come, so that no more than one is in memory.
class ReportWriter {
 public:
  /// Throws Error(cannot_write).
  ReportWriter(const std::filesystem::path& file, const RunFacts& run, const std::vector<std::string>& prompts);

  /// Adds a picture's results, with their run lengths, or its error; `image` is null when it could not be read.
  /// Throws Error(cannot_write).
  void add(const PictureFacts& picture, const Image* image);

  /// Ends the page, which appears now. Throws Error(cannot_write).
  void finish();

 private:
  std::string article(const PictureFacts& picture, const Image* image) const;

  AtomicFile file_;
  std::vector<Color> colors_;  ///< by prompt
};

}  // namespace ldznet

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ldznet/image.h"
#include "output/json_lines.h"
#include "output/report/report_page.h"

namespace ldznet {

/// A run as one HTML page to look at: every picture, small, with its masks, a box for every prompt.
class ReportWriter {
 public:
  /// Throws Error(cannot_write).
  ReportWriter(const std::filesystem::path& file, const RunMetadata& run, const std::vector<std::string>& prompts);

  /// Adds a picture's results, with their run lengths, or its error; `image` is null when it could not be read.
  /// Throws Error(cannot_write).
  void add(const PictureResult& picture, const Image* image);

  /// Ends the page, which appears now. Throws Error(cannot_write).
  void finish() { page_.finish(); }

 private:
  ReportPage page_;
};

}  // namespace ldznet

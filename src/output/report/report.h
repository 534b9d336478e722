#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ldznet/image.h"
#include "output/json_lines.h"
#include "output/report/report_page.h"

namespace ldznet {

/// An HTML page of a whole run: a thumbnail of every picture with its masks, and a switch for every prompt.
class ReportWriter {
 public:
  /// Throws Error(cannot_write).
  ReportWriter(const std::filesystem::path& file, const RunMetadata& run, const std::vector<std::string>& prompts);

  /// Adds a picture's results, which must have run lengths, or its error; `image` is null if it could not be read.
  /// Throws Error(cannot_write).
  void add(const PictureResult& picture, const Image* image);

  /// Completes the file. Throws Error(cannot_write).
  void finish() { page_.finish(); }

 private:
  ReportPage page_;
};

}  // namespace ldznet

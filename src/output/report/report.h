#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "output/report/report_page.h"
#include "output/run_writer.h"

namespace ldznet {

/// An HTML page of a whole run: a thumbnail of every picture with its masks, and a switch for every prompt.
class ReportWriter final : public RunWriter {
 public:
  ReportWriter(const std::filesystem::path& file, const RunMetadata& run, const std::vector<std::string>& prompts);

  bool needs_masks() const override { return true; }
  bool needs_images() const override { return true; }
  void add_mask(std::size_t number, const PromptResult& result, const Mask& mask) override;
  void add(const PictureResult& picture, const Image* image) override;
  void finish() override { page_.finish(); }

 private:
  ReportPage page_;
  std::vector<std::string> masks_;  ///< thumbnails for the next picture, by result
};

}  // namespace ldznet

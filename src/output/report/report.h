#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "output/report/other_run.h"
#include "output/report/report_page.h"
#include "output/run_writer.h"

namespace ldznet {

/// What a report shows of a run, next to its results.
struct ReportOptions {
  bool has_probabilities = false;                       ///< the run saves them; the page can then show other thresholds
  bool invert = false;                                  ///< masks and probabilities are those of being outside
  std::shared_ptr<const OtherRun> other_run = nullptr;  ///< compared with the run; null: none
};

/// An HTML page of a whole run: a thumbnail of every picture with its masks, and a switch for every prompt.
class ReportWriter final : public RunWriter {
 public:
  ReportWriter(const std::filesystem::path& file, const RunMetadata& run, const std::vector<std::string>& prompts,
               ReportOptions options);

  bool needs_masks() const override { return true; }
  bool needs_images() const override { return true; }
  void add_mask(std::size_t number, const PromptResult& result, const Mask& mask) override;
  void add(const PictureResult& picture, const Image* image) override;
  void finish() override;

 private:
  void compare(const PictureResult& picture, ReportArticle& article);
  void compare(const PictureResult& picture, const PromptResult* ours, const PromptResult* theirs, ReportLayer& layer);

  ReportOptions options_;
  std::vector<std::string> prompts_;  ///< of the page's switches
  ReportPage page_;
  std::vector<std::string> masks_;        ///< thumbnails for the next picture, by result
  std::set<const PictureResult*> shown_;  ///< pictures of the other run that the page has
};

}  // namespace ldznet

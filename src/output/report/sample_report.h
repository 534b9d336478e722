#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "output/report/report_page.h"

namespace ldznet {

/// A labelled sample with the masks of several methods.
struct EvaluatedSample {
  std::string name;         ///< id, phrase and picture
  bool absent = false;      ///< the picture does not show the object
  std::vector<double> iou;  ///< by method
  std::vector<Mask> masks;  ///< by method
  Mask truth;
  const Image* image = nullptr;
};

/// An HTML page with an evaluation's worst and best samples, ranked by the last method's IoU, and with absent objects
/// that the method found, largest first. Keeps in memory only what the page will show.
class SampleReport {
 public:
  /// Throws Error(cannot_write).
  SampleReport(const std::filesystem::path& file, const std::string& title, const std::vector<std::string>& methods);

  void add(const EvaluatedSample& sample);

  /// Completes the file, with `tables` above the samples (see ReportPage::table). Throws Error(cannot_write).
  void finish(const std::vector<TextTable>& tables);

 private:
  /// The articles with the highest scores in falling order; earlier ones win ties.
  class TopArticles {
   public:
    /// `article` is made only if its score is among the highest so far.
    void offer(double score, const std::function<std::string()>& article);

    /// Scores and HTML.
    const std::vector<std::pair<double, std::string>>& articles() const { return articles_; }

   private:
    static constexpr std::size_t kMost = 24;
    std::vector<std::pair<double, std::string>> articles_;
  };

  std::string article(const EvaluatedSample& sample) const;
  void write_section(const std::string& heading, const TopArticles& top);

  ReportPage page_;
  std::vector<std::string> methods_;
  TopArticles worst_, best_, absent_;
};

}  // namespace ldznet

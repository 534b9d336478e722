#pragma once

#include <algorithm>
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
/// that the method found, largest first. No sample is shown twice. Keeps in memory only what the page will show.
class SampleReport {
 public:
  /// Throws Error(cannot_write).
  SampleReport(const std::filesystem::path& file, const std::string& title, const std::vector<std::string>& methods);

  void add(const EvaluatedSample& sample);

  /// Completes the file, with `tables` above the samples (see ReportPage::table). Throws Error(cannot_write).
  void finish(const std::vector<TextTable>& tables);

 private:
  /// The articles with the highest scores in falling order.
  class TopArticles {
   public:
    static constexpr std::size_t kMost = 24;
    enum class Ties { earlier_first, later_first };

    explicit TopArticles(Ties ties) : ties_(ties) {}

    /// `article` is made only if its score is among the highest so far.
    void offer(double score, const std::function<std::string()>& article);

    /// Keeps only the first `count` articles.
    void keep(std::size_t count) { articles_.resize(std::min(count, articles_.size())); }

    /// Scores and HTML.
    const std::vector<std::pair<double, std::string>>& articles() const { return articles_; }

   private:
    Ties ties_;
    std::vector<std::pair<double, std::string>> articles_;
  };

  std::string article(const EvaluatedSample& sample) const;
  void write_section(const std::string& heading, const TopArticles& top);

  ReportPage page_;
  std::vector<std::string> methods_;
  std::size_t present_ = 0;  ///< samples whose object is not absent
  // One order from its two ends: each sample is at one place in it.
  TopArticles worst_{TopArticles::Ties::earlier_first}, best_{TopArticles::Ties::later_first};
  TopArticles absent_{TopArticles::Ties::earlier_first};
};

}  // namespace ldznet

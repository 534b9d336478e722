#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "output/report/report_page.h"

namespace ldznet {

/// A labelled sample and what several methods made of it.
struct SampleFacts {
  std::string name;         ///< its id, phrase and picture
  bool absent = false;      ///< what the phrase names is not in the picture
  std::vector<double> iou;  ///< by method
  std::vector<Mask> masks;  ///< by method
  Mask truth;
  const Image* image = nullptr;
};

/// An evaluation's worst and best samples as an HTML page to look at, ranked by the last method; and absent objects
/// that it found all the same, largest first. Only what is shown is kept in memory.
class SampleReport {
 public:
  /// Throws Error(cannot_write).
  SampleReport(const std::filesystem::path& file, const std::string& title, const std::vector<std::string>& methods);

  void add(const SampleFacts& sample);

  /// Ends the page, which appears now; `table` is shown above the samples. Throws Error(cannot_write).
  void finish(const std::string& table);

 private:
  /// Articles in the order of falling `rank`, the first of equals first, no more than kMost.
  class Ranking {
   public:
    void offer(double rank, const std::function<std::string()>& article);
    const std::vector<std::pair<double, std::string>>& articles() const { return articles_; }

   private:
    static constexpr std::size_t kMost = 24;
    std::vector<std::pair<double, std::string>> articles_;
  };

  std::string article(const SampleFacts& sample) const;
  void section(const std::string& heading, const Ranking& ranking);

  ReportPage page_;
  std::vector<std::string> methods_;
  Ranking worst_, best_, absent_;
};

}  // namespace ldznet

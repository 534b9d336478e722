#include "output/report/sample_report.h"

#include <algorithm>
#include <utility>

#include "base/decimals.h"

namespace ldznet {

namespace {

constexpr const char* kTruth = "ground truth";

/// The boxes of the page: the ground truth's first, then the methods'.
std::vector<std::string> boxes(std::vector<std::string> methods) {
  methods.insert(methods.begin(), kTruth);
  return methods;
}

std::int64_t area(const Mask& mask) {
  return std::count_if(mask.pixels.begin(), mask.pixels.end(), [](std::uint8_t pixel) { return pixel != 0; });
}

std::string percent(double share) { return decimals(100 * share) + " %"; }

/// The share of the picture that a mask covers.
double covered(const Mask& mask) {
  return static_cast<double>(area(mask)) / static_cast<double>(std::max<std::size_t>(1, mask.pixels.size()));
}

}  // namespace

void SampleReport::Ranking::offer(double rank, const std::function<std::string()>& article) {
  const auto place = std::upper_bound(articles_.begin(), articles_.end(), rank,
                                      [](double value, const auto& other) { return value > other.first; });
  if (place == articles_.end() && articles_.size() == kMost) return;
  articles_.insert(place, {rank, article()});
  if (articles_.size() > kMost) articles_.pop_back();
}

SampleReport::SampleReport(const std::filesystem::path& file, const std::string& title,
                           const std::vector<std::string>& methods)
    : page_(file, title, "masks at 0.5, ranked by the IoU of " + methods.back(), boxes(methods)), methods_(methods) {}

void SampleReport::add(const SampleFacts& sample) {
  const auto html = [&] { return article(sample); };
  if (!sample.absent) {
    worst_.offer(-sample.iou.back(), html);
    best_.offer(sample.iou.back(), html);
  } else if (const double share = covered(sample.masks.back()); share > 0) {
    absent_.offer(share, html);
  }
}

std::string SampleReport::article(const SampleFacts& sample) const {
  ReportArticle content{sample.name, sample.image->width, sample.image->height, sample.image, "", {}};
  const auto add = [&](std::size_t box, const std::string& text, double score, const std::string& note,
                       const Mask& mask) {
    const std::int64_t pixels = area(mask);
    content.layers.push_back({box, text, note, score, pixels, pixels > 0 ? std::optional(mask) : std::nullopt});
  };
  add(0, kTruth, 1, sample.absent ? "absent" : "", sample.truth);
  for (std::size_t m = 0; m < methods_.size(); ++m) {
    const double share = covered(sample.masks[m]);
    add(m + 1, methods_[m], sample.absent ? share : sample.iou[m],
        sample.absent ? "covers " + percent(share) : "IoU " + percent(sample.iou[m]), sample.masks[m]);
  }
  return page_.article(content);
}

void SampleReport::section(const std::string& heading, const Ranking& ranking) {
  if (ranking.articles().empty()) return;
  page_.section(heading);
  for (const auto& [rank, article] : ranking.articles()) page_.add(article);
}

void SampleReport::finish(const std::string& table) {
  page_.preformatted(table);
  section("Worst", worst_);
  section("Found though absent", absent_);
  section("Best", best_);
  page_.finish();
}

}  // namespace ldznet

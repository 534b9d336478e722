#include "output/report/sample_report.h"

#include <algorithm>
#include <utility>

#include "base/decimals.h"

namespace ldznet {

namespace {

constexpr const char* kTruth = "ground truth";

/// The names of the page's switches: the ground truth, then the methods.
std::vector<std::string> switches(std::vector<std::string> methods) {
  methods.insert(methods.begin(), kTruth);
  return methods;
}

std::int64_t area(const Mask& mask) {
  return std::count_if(mask.pixels.begin(), mask.pixels.end(), [](std::uint8_t pixel) { return pixel != 0; });
}

std::string percent(double share) { return decimals(100 * share) + " %"; }

/// The share of the picture that the mask covers.
double coverage(const Mask& mask) {
  return static_cast<double>(area(mask)) / static_cast<double>(std::max<std::size_t>(1, mask.pixels.size()));
}

}  // namespace

void SampleReport::TopArticles::offer(double score, const std::function<std::string()>& article) {
  const auto position = std::find_if(articles_.begin(), articles_.end(), [&](const auto& other) {
    return ties_ == Ties::later_first ? score >= other.first : score > other.first;
  });
  if (position == articles_.end() && articles_.size() == kMost) return;
  articles_.insert(position, {score, article()});
  if (articles_.size() > kMost) articles_.pop_back();
}

SampleReport::SampleReport(const std::filesystem::path& file, const std::string& title,
                           const std::vector<std::string>& methods)
    : page_(file, {title, "masks at threshold 0.5, ranked by the IoU of " + methods.back(), switches(methods)}),
      methods_(methods) {}

void SampleReport::add(const EvaluatedSample& sample) {
  const auto html = [&] { return article(sample); };
  if (!sample.absent) {
    ++present_;
    worst_.offer(-sample.iou.back(), html);
    best_.offer(sample.iou.back(), html);
  } else if (const double share = coverage(sample.masks.back()); share > 0) {
    absent_.offer(share, html);
  }
}

std::string SampleReport::article(const EvaluatedSample& sample) const {
  ReportArticle content{sample.name, sample.image->width, sample.image->height, sample.image, "", "", {}};
  const auto add = [&](std::size_t number, const std::string& text, double score, const std::string& note,
                       const Mask& mask) {
    const std::int64_t pixels = area(mask);
    ReportLayer& layer = content.layers.emplace_back();
    layer.number = number;
    layer.text = text;
    layer.note = note;
    layer.score = score;
    layer.area = pixels;
    if (pixels > 0) layer.mask_png = page_.mask_png(number, mask, content.width, content.height);
  };
  add(0, kTruth, 1, sample.absent ? "absent" : "", sample.truth);
  for (std::size_t m = 0; m < methods_.size(); ++m) {
    const double share = coverage(sample.masks[m]);
    add(m + 1, methods_[m], sample.absent ? share : sample.iou[m],
        sample.absent ? "covers " + percent(share) : "IoU " + percent(sample.iou[m]), sample.masks[m]);
  }
  return page_.article(content);
}

void SampleReport::write_section(const std::string& heading, const TopArticles& top) {
  if (top.articles().empty()) return;
  page_.section(heading);
  for (const auto& [score, article] : top.articles()) page_.add(article);
}

void SampleReport::finish(const std::vector<TextTable>& tables) {
  for (const TextTable& table : tables) page_.table(table);
  best_.keep(present_ - worst_.articles().size());
  write_section(best_.articles().empty() ? "All, worst first" : "Worst", worst_);
  write_section("Absent but found", absent_);
  write_section("Best", best_);
  page_.finish();
}

}  // namespace ldznet

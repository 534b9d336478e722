#include "data/evaluation.h"

#include <algorithm>
#include <random>
#include <utility>

namespace ldznet {

namespace {

/// The difference of a figure, and the interval that 95 % of the bootstrapped differences lie in.
Difference difference(double value, std::vector<double> drawn) {
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<std::size_t>(share * static_cast<double>(drawn.size() - 1) + 0.5)];
  };
  return {value, at(0.025), at(0.975)};
}

}  // namespace

Evaluation::Evaluation(std::vector<std::string> methods) : methods_(std::move(methods)) {}

void Evaluation::add_image(const std::vector<const Sample*>& samples,
                           const std::vector<std::vector<PixelCounts>>& counts) {
  std::vector<Metrics>& metrics = images_.emplace_back(methods_.size());
  for (std::size_t s = 0; s < samples.size(); ++s) {
    SampleOutcome outcome{
        samples[s]->id, samples[s]->image.string(), samples[s]->phrase, counts[0][s].absent(), {}, {}, {}};
    for (std::size_t m = 0; m < methods_.size(); ++m) {
      const PixelCounts& pixels = counts[m][s];
      metrics[m].add(pixels);
      outcome.iou.push_back(pixels.iou(kAtPublished));
      outcome.iou_half.push_back(pixels.iou(kAtHalf));
      outcome.finds_nothing.push_back(pixels.finds_nothing());
    }
    outcomes_.push_back(std::move(outcome));
  }
}

Summary Evaluation::summary(std::size_t method) const {
  Metrics all;
  for (const auto& metrics : images_) all.add(metrics[method]);
  return all.summary();
}

std::vector<Comparison> Evaluation::comparisons(std::size_t draws) const {
  std::vector<Comparison> comparisons;
  if (images_.empty() || draws == 0) return comparisons;
  for (std::size_t m = 1; m < methods_.size(); ++m) {
    std::mt19937 random(m);  // its numbers are the same everywhere; those of std's distributions are not
    std::vector<double> miou, ap;
    for (std::size_t draw = 0; draw < draws; ++draw) {
      Metrics first, second;
      for (std::size_t i = 0; i < images_.size(); ++i) {
        const auto& chosen = images_[static_cast<std::size_t>(std::uint64_t{random()} * images_.size() >> 32)];
        first.add(chosen[m - 1]);
        second.add(chosen[m]);
      }
      const Summary a = first.summary(), b = second.summary();
      miou.push_back(b.miou[kAtPublished] - a.miou[kAtPublished]);
      ap.push_back(b.ap - a.ap);
    }
    const Summary a = summary(m - 1), b = summary(m);
    comparisons.push_back({methods_[m - 1], methods_[m],
                           difference(b.miou[kAtPublished] - a.miou[kAtPublished], std::move(miou)),
                           difference(b.ap - a.ap, std::move(ap))});
  }
  return comparisons;
}

}  // namespace ldznet

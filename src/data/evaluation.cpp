#include "data/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>

namespace ldznet {

namespace {

constexpr std::uint32_t kSeed = 1;  // of the draws

/// What methods are compared by.
struct Figure {
  double miou, ap;
};

Figure figure(const Summary& summary) { return {summary.miou[kAtPublished], summary.ap}; }

/// The second method's figure less the first's, and the interval that 95 % of the drawn differences lie in.
Difference difference(double Figure::*what, const Figure& first, const Figure& second,
                      const std::vector<Figure>& first_drawn, const std::vector<Figure>& second_drawn) {
  std::vector<double> drawn;
  for (std::size_t i = 0; i < first_drawn.size(); ++i) drawn.push_back(second_drawn[i].*what - first_drawn[i].*what);
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<std::size_t>(std::lround(share * static_cast<double>(drawn.size() - 1)))];
  };
  return {second.*what - first.*what, at(0.025), at(0.975)};
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

std::vector<const std::vector<Metrics>*> Evaluation::images_with_objects() const {
  std::vector<const std::vector<Metrics>*> images;
  for (const auto& image : images_)
    if (image.front().samples() > 0) images.push_back(&image);
  return images;
}

std::vector<Comparison> Evaluation::comparisons(std::size_t draws) const {
  const auto images = images_with_objects();
  if (images.empty() || draws == 0 || methods_.size() < 2) return {};
  std::mt19937 random(kSeed);  // its numbers are the same everywhere; those of std's distributions are not
  std::vector<std::vector<Figure>> drawn(methods_.size());
  for (std::size_t draw = 0; draw < draws; ++draw) {
    std::vector<Metrics> sums(methods_.size());
    for (std::size_t i = 0; i < images.size(); ++i) {
      const auto& image = *images[static_cast<std::size_t>(std::uint64_t{random()} * images.size() >> 32)];
      for (std::size_t m = 0; m < sums.size(); ++m) sums[m].add(image[m]);
    }
    for (std::size_t m = 0; m < sums.size(); ++m) drawn[m].push_back(figure(sums[m].summary()));
  }
  std::vector<Figure> whole;
  for (std::size_t m = 0; m < methods_.size(); ++m) whole.push_back(figure(summary(m)));
  std::vector<Comparison> comparisons;
  for (std::size_t b = 1; b < methods_.size(); ++b)
    for (std::size_t a = 0; a < b; ++a)
      comparisons.push_back({methods_[a], methods_[b],
                             difference(&Figure::miou, whole[a], whole[b], drawn[a], drawn[b]),
                             difference(&Figure::ap, whole[a], whole[b], drawn[a], drawn[b])});
  return comparisons;
}

EvaluationResult Evaluation::figures() const {
  EvaluationResult figures{methods_, {}, images_with_objects().size(), comparisons()};
  for (std::size_t m = 0; m < methods_.size(); ++m) figures.summaries.push_back(summary(m));
  return figures;
}

}  // namespace ldznet

#include "data/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>

namespace ldznet {

namespace {

constexpr std::uint32_t kSeed = 1;  // of the bootstrap

/// The metrics that methods are compared by.
struct Scores {
  std::optional<double> miou, ap;
};

Scores scores_of(const Summary& summary) { return {summary.miou[kAtPublished], summary.ap}; }

/// The second method's metric minus the first's, with the interval that holds 95 % of the resampled differences. Unset
/// when one of them has no such metric.
std::optional<Difference> difference(std::optional<double> Scores::*metric, const Scores& first, const Scores& second,
                                     const std::vector<Scores>& first_drawn, const std::vector<Scores>& second_drawn) {
  std::vector<double> drawn;
  for (std::size_t i = 0; i < first_drawn.size(); ++i)
    if (first_drawn[i].*metric && second_drawn[i].*metric)
      drawn.push_back(*(second_drawn[i].*metric) - *(first_drawn[i].*metric));
  if (drawn.empty() || !(first.*metric) || !(second.*metric)) return std::nullopt;
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<std::size_t>(std::lround(share * static_cast<double>(drawn.size() - 1)))];
  };
  return Difference{*(second.*metric) - *(first.*metric), at(0.025), at(0.975)};
}

}  // namespace

Evaluation::Evaluation(std::vector<std::string> methods) : methods_(std::move(methods)) {}

void Evaluation::add_image(const ImageSamples& samples, const CountsByMethod& counts) {
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
  std::mt19937 random(kSeed);  // gives the same numbers everywhere, unlike the standard distributions
  std::vector<std::vector<Scores>> drawn(methods_.size());
  for (std::size_t draw = 0; draw < draws; ++draw) {
    std::vector<Metrics> sums(methods_.size());
    for (std::size_t i = 0; i < images.size(); ++i) {
      const auto& image = *images[static_cast<std::size_t>(std::uint64_t{random()} * images.size() >> 32)];
      for (std::size_t m = 0; m < sums.size(); ++m) sums[m].add(image[m]);
    }
    for (std::size_t m = 0; m < sums.size(); ++m) drawn[m].push_back(scores_of(sums[m].summary()));
  }
  std::vector<Scores> whole;
  for (std::size_t m = 0; m < methods_.size(); ++m) whole.push_back(scores_of(summary(m)));
  std::vector<Comparison> comparisons;
  for (std::size_t b = 1; b < methods_.size(); ++b)
    for (std::size_t a = 0; a < b; ++a)
      comparisons.push_back({methods_[a], methods_[b],
                             difference(&Scores::miou, whole[a], whole[b], drawn[a], drawn[b]).value(),
                             difference(&Scores::ap, whole[a], whole[b], drawn[a], drawn[b])});
  return comparisons;
}

EvaluationResult Evaluation::result() const {
  EvaluationResult result{methods_, {}, images_with_objects().size(), comparisons()};
  for (std::size_t m = 0; m < methods_.size(); ++m) result.summaries.push_back(summary(m));
  return result;
}

}  // namespace ldznet

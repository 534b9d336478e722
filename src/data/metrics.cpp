#include "data/metrics.h"

#include <algorithm>
#include <map>

namespace ldznet {

namespace {

/// The number of thresholds below p.
std::size_t thresholds_below(float p) {
  static const auto kEdges = [] {
    std::array<float, kThresholds> edges{};
    for (std::size_t i = 0; i < kThresholds; ++i) edges[i] = static_cast<float>(threshold_at(i));
    return edges;
  }();
  return static_cast<std::size_t>(std::lower_bound(kEdges.begin(), kEdges.end(), p) - kEdges.begin());
}

double iou_of(std::int64_t tp, std::int64_t fp, std::int64_t positives) {
  return static_cast<double>(tp) / static_cast<double>(1 + fp + positives);  // fn = positives - tp
}

}  // namespace

double PixelCounts::iou(std::size_t threshold) const { return iou_of(tp[threshold], fp[threshold], positives); }

bool PixelCounts::finds_nothing() const {
  const std::int64_t found = tp[kAtHalf] + fp[kAtHalf];
  return found == 0 || static_cast<double>(found) < kAbsentShare * static_cast<double>(pixels);
}

bool has_shades(const Probability& probability) {
  return std::any_of(probability.values.begin(), probability.values.end(),
                     [](float value) { return value != 0 && value != 1; });
}

PixelCounts count_pixels(const Probability& probability, const Mask& truth) {
  std::array<std::int64_t, kThresholds + 1> inside{}, outside{};
  for (std::size_t i = 0; i < truth.pixels.size(); ++i)
    ++(truth.pixels[i] != 0 ? inside : outside)[thresholds_below(probability.values[i])];
  PixelCounts counts;
  counts.pixels = static_cast<std::int64_t>(truth.pixels.size());
  std::int64_t tp = 0, fp = 0;
  for (std::size_t i = kThresholds; i > 0; --i) {
    counts.tp[i - 1] = tp += inside[i];
    counts.fp[i - 1] = fp += outside[i];
  }
  counts.positives = tp + inside[0];
  return counts;
}

std::size_t Summary::best() const {
  return static_cast<std::size_t>(std::max_element(miou.begin(), miou.end()) - miou.begin());
}

void Metrics::add(const PixelCounts& counts) {
  if (counts.absent()) {
    ++absent_;
    true_negatives_ += counts.finds_nothing() ? 1 : 0;
    return;
  }
  ++samples_;
  has_shades_ = has_shades_ || counts.has_shades;
  positives_ += counts.positives;
  for (std::size_t i = 0; i < kThresholds; ++i) {
    iou_[i] += counts.iou(i);
    tp_[i] += counts.tp[i];
    fp_[i] += counts.fp[i];
  }
}

void Metrics::add(const Metrics& others) {
  samples_ += others.samples_;
  absent_ += others.absent_;
  true_negatives_ += others.true_negatives_;
  positives_ += others.positives_;
  has_shades_ = has_shades_ || others.has_shades_;
  for (std::size_t i = 0; i < kThresholds; ++i) {
    iou_[i] += others.iou_[i];
    tp_[i] += others.tp_[i];
    fp_[i] += others.fp_[i];
  }
}

Summary Metrics::summary() const {
  Summary summary;
  summary.samples = samples_;
  summary.absent = absent_;
  if (absent_ > 0) summary.absent_accuracy = static_cast<double>(true_negatives_) / static_cast<double>(absent_);
  if (samples_ == 0) return summary;
  std::map<double, double> points;  // recall -> precision; the lowest threshold wins a tie
  for (std::size_t i = 0; i < kThresholds; ++i) {
    summary.miou[i] = iou_[i] / static_cast<double>(samples_);
    summary.iou_fg[i] = iou_of(tp_[i], fp_[i], positives_);
    summary.precision[i] = static_cast<double>(tp_[i]) / static_cast<double>(1 + tp_[i] + fp_[i]);
    summary.recall[i] = static_cast<double>(tp_[i]) / static_cast<double>(1 + positives_);
    points.emplace(summary.recall[i], summary.precision[i]);
  }
  std::vector<double> recall, precision;
  for (const auto& [x, y] : points) {
    recall.push_back(x);
    precision.push_back(y);
  }
  if (has_shades_ && points.size() > 1) summary.ap = simpson(recall, precision);
  return summary;
}

double simpson(const std::vector<double>& x, const std::vector<double>& y) {
  const std::size_t n = x.size();
  if (n < 2) return 0;
  if (n == 2) return 0.5 * (x[1] - x[0]) * (y[0] + y[1]);
  double sum = 0;
  for (std::size_t i = 0; i + 2 < n; i += 2) {
    const double a = x[i + 1] - x[i], b = x[i + 2] - x[i + 1];
    sum += (a + b) / 6 * (y[i] * (2 - b / a) + y[i + 1] * (a + b) * (a + b) / (a * b) + y[i + 2] * (2 - a / b));
  }
  if (n % 2 == 0) {
    const double a = x[n - 2] - x[n - 3], b = x[n - 1] - x[n - 2];
    sum += y[n - 1] * (2 * b * b + 3 * a * b) / (6 * (a + b)) + y[n - 2] * (b * b + 3 * a * b) / (6 * a) -
           y[n - 3] * b * b * b / (6 * a * (a + b));
  }
  return sum;
}

}  // namespace ldznet

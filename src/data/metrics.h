#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Thresholds at which masks are compared with the ground truth: 0.02, 0.04, ..., 0.98 (as CLIPSeg's and LD-ZNet's
/// evaluation does).
constexpr std::size_t kThresholds = 49;
constexpr double threshold_at(std::size_t index) { return static_cast<double>(index + 1) / 50; }
constexpr std::size_t kAtPublished = 14;  ///< index of 0.3, where the published figures are taken
constexpr std::size_t kAtHalf = 24;       ///< index of 0.5
constexpr double kAbsentShare = 0.001;    ///< of a picture: a mask below this finds nothing

using Curve = std::array<double, kThresholds>;  ///< one figure a threshold

/// One sample's pixels. A pixel is positive when its probability is greater than the threshold, both in float32.
struct PixelCounts {
  std::int64_t positives = 0;                        ///< of the ground truth; 0: the object is absent
  std::int64_t pixels = 0;                           ///< of the picture
  std::array<std::int64_t, kThresholds> tp{}, fp{};  ///< true and false positives at each threshold

  bool absent() const { return positives == 0; }
  /// tp / (1 + tp + fp + fn)
  double iou(std::size_t threshold) const;
  /// Whether the mask at 0.5 is smaller than kAbsentShare of the picture.
  bool finds_nothing() const;
};

/// Counts one sample; both have the same size.
PixelCounts count_pixels(const Probability& probability, const Mask& truth);

/// What many samples have in common. Samples whose object is absent count in `absent_accuracy` alone.
struct Summary {
  std::size_t samples = 0;                ///< with an object
  std::size_t absent = 0;                 ///< without
  std::optional<double> absent_accuracy;  ///< share of the absent that find nothing; unset: none is absent
  Curve miou{}, iou_fg{};                 ///< mean of the samples' iou; iou of the counts' sums
  Curve precision{}, recall{};            ///< tp / (1 + tp + fp) and tp / (1 + tp + fn) of the counts' sums
  double ap = 0;                          ///< area under precision over recall
  std::size_t best() const;               ///< index of the threshold with the largest miou
};

/// Adds up samples.
class Metrics {
 public:
  void add(const PixelCounts& counts);
  void add(const Metrics& others);
  Summary summary() const;
  std::size_t samples() const { return samples_; }  ///< with an object

 private:
  std::size_t samples_ = 0, absent_ = 0, true_negatives_ = 0;
  Curve iou_{};
  std::array<std::int64_t, kThresholds> tp_{}, fp_{};
  std::int64_t positives_ = 0;
};

/// The integral of y over increasing x by Simpson's rule for uneven steps, with Cartwright's correction of the last one
/// when the number of steps is odd: what scipy.integrate.simpson computes.
double simpson(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace ldznet

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Thresholds of the CLIPSeg and LD-ZNet evaluation: 0.02, 0.04, ..., 0.98.
constexpr std::size_t kThresholds = 49;
constexpr double threshold_at(std::size_t index) { return static_cast<double>(index + 1) / 50; }
constexpr std::size_t kAtPublished = 14;  ///< index of 0.3, the threshold of the published mIoU and IoU_FG
constexpr std::size_t kAtHalf = 24;       ///< index of 0.5
constexpr double kAbsentShare = 0.001;    ///< of the picture; a smaller mask counts as "nothing found"

using Curve = std::array<double, kThresholds>;  ///< one value per threshold

/// Pixel counts of one sample. A pixel is positive when its probability is greater than the threshold, compared in
/// float32.
struct PixelCounts {
  std::int64_t positives = 0;                        ///< of the ground truth; 0: the object is absent
  std::int64_t pixels = 0;                           ///< of the picture
  bool has_shades = true;                            ///< false: the prediction is a mask, which has no curve
  std::array<std::int64_t, kThresholds> tp{}, fp{};  ///< true and false positives at each threshold

  bool absent() const { return positives == 0; }
  /// tp / (1 + tp + fp + fn) at threshold_at(threshold)
  double iou(std::size_t threshold) const;
  /// Whether the mask at 0.5 covers less than kAbsentShare of the picture.
  bool finds_nothing() const;
};

/// Whether the prediction has a value other than 0 and 1, so that thresholds make a difference.
bool has_shades(const Probability& probability);

/// Counts one sample's pixels; both maps have the same size. `has_shades` stays true, since resizing makes shades.
PixelCounts count_pixels(const Probability& probability, const Mask& truth);

/// The metrics of many samples. Samples whose object is absent count only in `absent_accuracy`.
struct Summary {
  std::size_t samples = 0;                ///< whose object is present
  std::size_t absent = 0;                 ///< whose object is absent
  std::optional<double> absent_accuracy;  ///< share of the absent for which nothing is found; unset: none is absent
  Curve miou{};                           ///< mean of the samples' iou
  Curve iou_fg{};                         ///< iou of the summed counts
  Curve precision{}, recall{};            ///< tp / (1 + tp + fp) and tp / (1 + tp + fn) of the summed counts
  std::optional<double> ap;               ///< area under precision over recall; unset: no curve, only a point
  std::size_t best() const;               ///< index of the threshold with the largest miou
};

/// Accumulates samples.
class Metrics {
 public:
  void add(const PixelCounts& counts);
  void add(const Metrics& others);
  Summary summary() const;
  std::size_t samples() const { return samples_; }  ///< whose object is present

 private:
  std::size_t samples_ = 0, absent_ = 0, true_negatives_ = 0;
  Curve iou_{};  ///< sums
  std::array<std::int64_t, kThresholds> tp_{}, fp_{};
  std::int64_t positives_ = 0;
  bool has_shades_ = false;  ///< of any prediction for an object that is present
};

/// The integral of y over increasing x by Simpson's rule for unequal steps, with Cartwright's correction of the last
/// step when their number is odd, as scipy.integrate.simpson computes it. 0 for fewer than two points.
double simpson(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace ldznet

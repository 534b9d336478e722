#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/metrics.h"

namespace ldznet {

/// One sample's outcome with every method, in the methods' order.
struct SampleOutcome {
  std::string id, image, phrase;
  bool absent = false;
  std::vector<double> iou;          ///< at 0.3
  std::vector<double> iou_half;     ///< at 0.5
  std::vector<bool> finds_nothing;  ///< at 0.5
};

/// A difference of two methods, the second minus the first, with its 95 % interval.
struct Difference {
  double value = 0, low = 0, high = 0;
};

/// Two methods beside each other on the same samples.
struct Comparison {
  std::string first, second;
  Difference miou, ap;  ///< mIoU at 0.3
};

/// Counts of one data set with several methods. Images are added one after the other.
class Evaluation {
 public:
  explicit Evaluation(std::vector<std::string> methods);

  /// Takes the outcome of one image's samples: `counts[method][sample]`.
  void add_image(const std::vector<const Sample*>& samples, const std::vector<std::vector<PixelCounts>>& counts);

  const std::vector<std::string>& methods() const { return methods_; }
  const std::vector<SampleOutcome>& outcomes() const { return outcomes_; }
  Summary summary(std::size_t method) const;

  /// Every method against the one before it. The intervals are bootstrapped over images: `draws` times as many images
  /// as there are, drawn with replacement from a generator of fixed seed.
  std::vector<Comparison> comparisons(std::size_t draws = 1000) const;

 private:
  std::vector<std::string> methods_;
  std::vector<std::vector<Metrics>> images_;  ///< [image][method]
  std::vector<SampleOutcome> outcomes_;
};

}  // namespace ldznet

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/metrics.h"

namespace ldznet {

/// The pixel counts of one image's samples: [method][sample].
using CountsByMethod = std::vector<std::vector<PixelCounts>>;

/// One sample's outcome, by method.
struct SampleOutcome {
  std::string id, image, phrase;
  bool absent = false;
  std::vector<double> iou;          ///< at 0.3
  std::vector<double> iou_half;     ///< at 0.5
  std::vector<bool> finds_nothing;  ///< at 0.5
};

/// The second method's metric minus the first's, with its 95 % confidence interval.
struct Difference {
  double value = 0, low = 0, high = 0;
};

/// Two methods compared on the same samples.
struct Comparison {
  std::string first, second;
  Difference miou;               ///< at 0.3
  std::optional<Difference> ap;  ///< unset unless both methods have an AP
};

/// Bootstrap resamples behind each confidence interval.
constexpr std::size_t kBootstrapDraws = 1000;

/// The metrics of several methods on the same samples.
struct EvaluationResult {
  std::vector<std::string> methods;
  std::vector<Summary> summaries;  ///< by method
  std::size_t images = 0;          ///< that show at least one object: the intervals are bootstrapped over these
  std::vector<Comparison> comparisons;
};

/// Evaluates several methods on the same samples, image by image.
class Evaluation {
 public:
  explicit Evaluation(std::vector<std::string> methods);

  /// Adds the samples of one image.
  void add_image(const ImageSamples& samples, const CountsByMethod& counts);

  const std::vector<std::string>& methods() const { return methods_; }
  const std::vector<SampleOutcome>& outcomes() const { return outcomes_; }
  Summary summary(std::size_t method) const;

  /// Compares every method with each one before it; empty when no image shows an object. The intervals are
  /// bootstrapped over images, so that an image's samples stay together: each of the `draws` resamples draws as many
  /// images as there are, with replacement, from a generator with a fixed seed, the same images for all methods.
  std::vector<Comparison> comparisons(std::size_t draws = kBootstrapDraws) const;

  EvaluationResult result() const;

 private:
  /// The metrics of images that show at least one object; the others affect neither mIoU nor AP.
  std::vector<const std::vector<Metrics>*> images_with_objects() const;

  std::vector<std::string> methods_;
  std::vector<std::vector<Metrics>> images_;  ///< [image][method]
  std::vector<SampleOutcome> outcomes_;
};

}  // namespace ldznet

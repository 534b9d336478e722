#pragma once

#include <cstddef>
#include <map>
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

/// How often the images are drawn anew for the intervals.
constexpr std::size_t kBootstrapDraws = 1000;

/// What an evaluation comes to.
struct EvaluationResult {
  std::vector<std::string> methods;
  std::vector<Summary> summaries;  ///< by method
  std::size_t images = 0;          ///< with an object: those that the intervals are bootstrapped over
  std::vector<Comparison> comparisons;
};

/// EvaluationResult of parts of the samples, by the value that a part has in common.
using GroupFigures = std::map<std::string, EvaluationResult>;

/// Counts of one data set with several methods. Images are added one after the other.
class Evaluation {
 public:
  explicit Evaluation(std::vector<std::string> methods);

  /// Takes the outcome of one image's samples: `counts[method][sample]`.
  void add_image(const std::vector<const Sample*>& samples, const std::vector<std::vector<PixelCounts>>& counts);

  const std::vector<std::string>& methods() const { return methods_; }
  const std::vector<SampleOutcome>& outcomes() const { return outcomes_; }
  Summary summary(std::size_t method) const;

  /// Every method against each before it; none where no image shows its object. The intervals are bootstrapped over
  /// images, whose samples stay together: `draws` times as many images as there are, drawn with replacement from a
  /// generator of fixed seed, the same ones for all methods.
  std::vector<Comparison> comparisons(std::size_t draws = kBootstrapDraws) const;

  /// All of these at once.
  EvaluationResult figures() const;

 private:
  /// The images that show at least one sample's object. The others move neither mIoU nor AP.
  std::vector<const std::vector<Metrics>*> images_with_objects() const;

  std::vector<std::string> methods_;
  std::vector<std::vector<Metrics>> images_;  ///< [image][method]
  std::vector<SampleOutcome> outcomes_;
};

}  // namespace ldznet

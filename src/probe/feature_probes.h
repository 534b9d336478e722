#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "data/metrics.h"
#include "ldznet/feature.h"
#include "probe/linear_probe.h"

namespace ldznet {

/// Linear probes on several features of the same images, one probe for each feature. First `add` every training image,
/// then `fit`, then `test` the others.
class FeatureProbes {
 public:
  /// `images`: the number of training images; `dimensions`: of the phrases' directions.
  FeatureProbes(std::size_t images, int dimensions) : images_(images), dimensions_(dimensions) {}

  /// Adds a training image. All images have the same features in the same order.
  void add(std::span<const Feature> features, const LabelledImage& image);

  void fit();

  /// Compares the probes' probabilities, resized to the masks' size, with the masks of a test image.
  void test(std::span<const Feature> features, const LabelledImage& image);

  /// The metrics of a feature's probe on the test images.
  Summary summary(std::size_t feature) const { return metrics_.at(feature).summary(); }

 private:
  std::size_t images_;
  int dimensions_;
  std::vector<LinearProbe> probes_;
  std::vector<Metrics> metrics_;
};

}  // namespace ldznet

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ldznet/feature.h"
#include "ldznet/mask.h"

namespace ldznet {

/// Whitens text embeddings: subtracts their mean and scales every principal direction to the same variance, so that
/// phrases with similar embeddings can be told apart.
class Whitening {
 public:
  /// Fits the transform to the embeddings, all of the same length, of two or more phrases.
  explicit Whitening(const std::vector<std::vector<float>>& embeddings);

  /// The phrase's direction: its whitened embedding, of length `dimensions()`.
  std::vector<double> operator()(const std::vector<float>& embedding) const;

  int dimensions() const { return dimensions_; }

 private:
  int dimensions_ = 0;
  std::vector<double> mean_;
  std::vector<double> rows_;  ///< dimensions x length of an embedding
};

/// The labels of an image.
struct LabelledImage {
  std::vector<std::vector<double>> directions;  ///< by phrase
  std::vector<Mask> masks;                      ///< by phrase
};

/// A linear probe on one frozen feature: a ridge regression, in closed form, from the feature at a position to the sum
/// of the directions of all phrases, weighted by the share of the position that the phrase's mask covers. A phrase's
/// score at a position is the dot product of its direction and the regression's output; a logistic curve, fitted to the
/// same images, turns scores into probabilities.
class LinearProbe {
 public:
  /// `positions`: the total number of positions that will be added; determines how many are kept for the curve.
  LinearProbe(int channels, int dimensions, std::int64_t positions);
  LinearProbe(LinearProbe&&) noexcept;
  LinearProbe& operator=(LinearProbe&&) noexcept;
  ~LinearProbe();

  /// Adds a training image.
  void add(const Feature& feature, const LabelledImage& labelled);

  /// Fits regression and curve to the added images.
  void fit();

  /// The probability of a phrase at each of the feature's h x w positions.
  Probability probability(const Feature& feature, const std::vector<double>& direction) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ldznet

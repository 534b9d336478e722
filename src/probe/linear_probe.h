#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ldznet/feature.h"
#include "ldznet/mask.h"

namespace ldznet {

/// Directions of phrases: their text embeddings less the mean of all, brought to one variance in every direction, so
/// that phrases which the text encoder puts close together can be told apart.
class Whitening {
 public:
  /// From the embeddings (all of one length) of two or more phrases.
  explicit Whitening(const std::vector<std::vector<float>>& embeddings);

  std::vector<double> operator()(const std::vector<float>& embedding) const;
  int dimensions() const { return dimensions_; }

 private:
  int dimensions_ = 0;
  std::vector<double> mean_, rows_;  ///< rows_: dimensions x length
};

/// What an image's phrases mean at its places: a direction each, and how much of every place the phrase's mask covers.
struct Labelled {
  std::vector<std::vector<double>> directions;
  std::vector<Mask> masks;
};

/// A small read-out on one frozen feature of many images: a ridge regression, in closed form, from a place's feature
/// to the sum of the directions of all phrases whose masks cover it. A phrase's score at a place is the dot product of
/// its direction with what the regression says; a logistic curve, fitted to the same images, makes it a probability.
class LinearProbe {
 public:
  /// `places`: of how many places in all the regression will be fitted, to know which to keep for the curve.
  LinearProbe(int channels, int dimensions, std::int64_t places);
  LinearProbe(LinearProbe&&) noexcept;
  LinearProbe& operator=(LinearProbe&&) noexcept;
  ~LinearProbe();

  /// Takes in an image.
  void add(const Feature& feature, const Labelled& labelled);

  /// Fits regression and curve to the images taken in.
  void fit();

  /// The probability (h x w of the feature) of a phrase's direction.
  Probability probability(const Feature& feature, const std::vector<double>& direction) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ldznet

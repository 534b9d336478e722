// Sharper probability maps: edges follow those of the picture at its full resolution.
//
//     const ldznet::Refiner refiner(image, encoded.reduction());
//     for (ldznet::Probability& map : pipeline.segment(encoded, prompts)) map = refiner.refine(map);
#pragma once

#include <memory>

#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// The guided filter (He, Sun and Tang, 2013; in its fast form of 2015): in every window of the picture, the
/// probability becomes the linear function of the colour that fits it best. The windows' size follows `reduction`. Time
/// and memory are proportional to the picture's pixels.
class Refiner {
 public:
  /// Computes what is the same for all maps of a picture, which must outlive it. `reduction`: how many pixels of the
  /// picture, along a side, a pixel of the working image became.
  Refiner(const Image& image, double reduction);
  ~Refiner();
  Refiner(Refiner&&) noexcept;
  Refiner& operator=(Refiner&&) noexcept;

  /// The sharper map; both have the picture's size.
  Probability refine(const Probability& map) const;

 private:
  struct Statistics;
  std::unique_ptr<const Statistics> statistics_;
};

}  // namespace ldznet

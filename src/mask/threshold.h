#pragma once

#include <cstdint>

#include "ldznet/mask.h"

namespace ldznet {

/// A box in pixels: the left column, the top row, and how many of each. All 0 when there is nothing to box.
struct Box {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

/// What is said about a mask beside its pixels.
struct MaskMeasures {
  double score = 0;            ///< mean probability inside the mask; 0 when it is empty
  double max_probability = 0;  ///< of the whole picture
  std::int64_t area = 0;       ///< pixels inside
  Box box;                     ///< the smallest box round all of them
};

/// Brings a map to another size: bilinear with half-pixel centres, without antialiasing.
Probability resize(const Probability& probability, int width, int height);

/// The pixels whose probability is `threshold` or more, compared in float32 as PyTorch and NumPy do.
Mask apply_threshold(const Probability& probability, double threshold);

/// Measures a mask against the probabilities it came from; both have the same size.
MaskMeasures measure(const Probability& probability, const Mask& mask);

}  // namespace ldznet

#pragma once

#include "ldznet/mask.h"

namespace ldznet {

/// Operations on probability maps, which prompt expressions consist of. Maps that are combined have the same size.

/// 1 - p at every pixel.
Probability complement(Probability map);

/// The smaller of both probabilities at every pixel.
Probability minimum(Probability map, const Probability& other);

/// The larger of both probabilities at every pixel.
Probability maximum(Probability map, const Probability& other);

/// Gray dilation: the largest probability within `radius` pixels. The structuring element is the disc of all pixels
/// whose centres are at most `radius` away; pixels outside the picture do not count.
Probability grow(const Probability& map, int radius);

/// Gray erosion with the same disc: the smallest probability within `radius` pixels of the picture.
Probability shrink(const Probability& map, int radius);

/// Gaussian blur with a standard deviation of `sigma` pixels. The picture is continued by its mirror image.
Probability feather(Probability map, double sigma);

/// The probability whose odds p / (1 - p) are `factor` times as large; `factor` is above 0.
Probability multiply_odds(Probability map, double factor);

/// 1 where apply_threshold() finds the pixel inside, 0 elsewhere.
Probability decide(const Probability& map, double threshold);

}  // namespace ldznet

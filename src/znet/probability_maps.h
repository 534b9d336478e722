#pragma once

#include <torch/script.h>

#include "ldznet/mask.h"

namespace ldznet {

/// Resizes the probability (1,1,H,W) of one prompt on the CPU, float32, from the working image to the upright image's
/// size: bilinear with half-pixel centres, as PyTorch's interpolate.
///
/// resize() in ldznet/mask.h does the same with OpenCV, for maps that did not come from a network. Its last digits
/// differ, and published results are reproduced with these.
Probability to_probability_map(const at::Tensor& probability, int width, int height);

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Resizes the probabilities (B,1,H,W) of B prompts on the CPU, float32, from the working image to the upright image's
/// size: bilinear with half-pixel centres, as PyTorch's interpolate. One map per prompt.
///
/// resize() in ldznet/mask.h does the same with OpenCV, for maps that did not come from a network. Its last digits
/// differ, and published results are reproduced with these.
std::vector<Probability> to_probability_maps(const at::Tensor& probability, int width, int height);

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include "bundle/device.h"

namespace ldznet {

/// Puts the program's own operators (compute/operators.cpp) in the place of LibTorch's in all methods of a network that
/// has been brought to its device and precision: attention, GroupNorm with the SiLU behind it, and the 3 x 3
/// convolutions that suit it, whose weights are packed once here and kept in that form alone. What computes the same is
/// told by the graph, so any bundle gets it. Nothing on CUDA, whose own operators are fused already.
void use_own_operators(torch::jit::Module& module, const Compute& compute);

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include "bundle/device.h"

namespace ldznet {

/// Puts the program's own operators (compute/operators.cpp) in the place of LibTorch's in the methods of a network that
/// has been brought to its device and precision: GroupNorm with the SiLU behind it, and in bfloat16 attention and the
/// convolutions that suit it, whose weights are packed once here and kept in that form alone. Attention is known by its
/// function in scripts/ldznet, all else by what the graph says. In other types than bfloat16 only `forward` is gone
/// over, which the program calls most: it takes as long as loading. Nothing on CUDA, whose own operators are fused
/// already.
void use_own_operators(torch::jit::Module& module, const Backend& compute);

}  // namespace ldznet

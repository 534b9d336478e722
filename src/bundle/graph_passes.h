#pragma once

#include <torch/script.h>

#include "bundle/device.h"

namespace ldznet {

/// Replaces LibTorch's CPU operators in a network's methods by the faster ones of compute/operators.cpp. The network
/// must already be on its device and in its precision.
///
/// In all types and methods: attention, recognized by its function in scripts/ldznet_training. In bfloat16, in all
/// methods: GroupNorm with a SiLU that follows it, and the 3 x 3 convolutions that can_winograd() accepts. Their
/// weights are packed here once, and the original weights are freed. In other types: GroupNorm and SiLU in `forward`
/// only, because the passes take as long as loading and the other methods are rarely called. No effect on CUDA.
void use_cpu_operators(torch::jit::Module& module, const Backend& backend);

}  // namespace ldznet

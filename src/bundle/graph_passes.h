#pragma once

#include <torch/script.h>

#include "bundle/device.h"

namespace ldznet {

/// Replaces LibTorch's CPU operators in a network's methods by the faster ones of compute/operators.cpp. The network
/// must already be on its device and in its precision.
///
/// In all types and methods: attention, recognized by its function in scripts/ldznet_training. GroupNorm with a SiLU
/// that follows it. Convolutions whose weights can_winograd() (in bfloat16) or can_lay_out() accepts: these become
/// attributes of the module, and the original weights are freed. In `forward` only, if the network is in another type
/// than bfloat16 and none of its weights is so large: inlining a method takes time, and the others are rarely called.
/// No effect on CUDA.
void use_cpu_operators(torch::jit::Module& module, const Backend& backend);

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include <string>
#include <vector>

#include "bundle/device.h"
#include "bundle/graph/packed_weights.h"

namespace ldznet {

/// Replaces LibTorch's CPU operators in a network's methods by the faster ones of compute/operators.cpp. The network
/// must be on its device and in its precision, or `prepare` brings each weight there.
///
/// Attention, recognized by its function in scripts/ldznet_training. GroupNorm with a SiLU that follows it. Layers
/// whose weights pack_weights() packs. In `forward` and, if a weight can be packed, in `methods` or, if that is empty,
/// in all methods: inlining one takes time, and most are rarely called. No effect on CUDA.
void use_cpu_operators(torch::jit::Module& module, const Backend& backend, const std::vector<std::string>& methods = {},
                       const PrepareWeight& prepare = {});

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include <functional>

namespace ldznet {

/// The floating-point type in which a weight of a network runs.
using WeightTypes = std::function<at::ScalarType(const at::Tensor&)>;

/// Gives the weights back that a bundle of dtype int8 stores as 8-bit integers: each parameter P with a float buffer
/// `P_int8_scale` (one value per index of P's first dimension) becomes P * scale. The product is computed in float32
/// and stored in bfloat16 if that is P's type, else in float32. Leaves other modules as they are.
/// scripts/ldznet_training/int8_weights.py writes them. Throws std::runtime_error when a scale has no int8 parameter or
/// another length than its first dimension, or is infinite or NaN.
void decode_int8_weights(torch::jit::Module& module, const WeightTypes& type_of);

}  // namespace ldznet

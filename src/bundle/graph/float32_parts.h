#pragma once

#include <torch/script.h>

#include <set>

namespace ldznet {

/// The parameters and buffers of the parts that stay in float32 when a network runs in bfloat16: `semantic`, which in
/// the VAE encoder makes the semantic latents and in a head compares them with the text. Whether a name is in a
/// photograph depends on small differences of their products.
std::set<const c10::TensorImpl*> float32_weights(const torch::jit::Module& network);

/// Converts tensors to float32 where the network's methods call methods of these parts, whose results are float32. The
/// methods must take no other tensors than floating-point ones; calls of a part's own parts are not converted.
void convert_for_float32_parts(const torch::jit::Module& network);

}  // namespace ldznet

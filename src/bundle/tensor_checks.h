#pragma once

#include <torch/script.h>

#include <string>

namespace ldznet {

/// Throws Error(bad_config) when a network's output does not have the shape that follows from the manifest; -1
/// is any number. `file` names the network in the message.
void require_shape(const at::Tensor& output, at::IntArrayRef shape, const std::string& file);

/// Throws an Error when an output that was computed in `dtype` contains infinities or NaN: the mask would be silently
/// wrong. In fp16, which overflows at 65504, it is Error(internal) that names another precision; in other types
/// Error(bad_config), because no picture makes sound weights overflow.
void require_finite(const at::Tensor& output, at::ScalarType dtype, const std::string& file);

/// Throws std::runtime_error that names the first parameter of a module, on the CPU, with infinite or NaN values.
void require_finite_weights(const torch::jit::Module& module);

}  // namespace ldznet

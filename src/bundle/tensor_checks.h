#pragma once

#include <torch/script.h>

#include <string>

namespace ldznet {

/// Throws Error(bad_config) when a network's output does not have the shape that follows from the manifest. `file`
/// names the network in the message.
void require_shape(const at::Tensor& output, at::IntArrayRef shape, const std::string& file);

/// Throws Error(internal) when an output contains infinities or NaN, as fp16 does on overflow: the mask would be
/// silently wrong.
void require_finite(const at::Tensor& output, const std::string& file);

}  // namespace ldznet

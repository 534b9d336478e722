#pragma once

#include <torch/script.h>

#include <string>

namespace ldznet {

/// Throws Error(bad_config), naming the network's file, when its answer does not have the shape that the manifest leads
/// to.
void require_shape(const at::Tensor& answer, at::IntArrayRef shape, const std::string& file);

/// Throws Error(internal) when an answer holds infinities or is not a number somewhere: a mask made from it would be
/// wrong in silence. Narrow types overflow where float32 does not.
void require_finite(const at::Tensor& answer, const std::string& file);

}  // namespace ldznet

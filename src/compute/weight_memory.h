#pragma once

#include <ATen/core/Tensor.h>

namespace ldznet {

/// A tensor without values, for weights in main memory. If it has kHugePage bytes or more, it asks for huge pages,
/// which systems such as Ubuntu give on request only: zeroing pages of 4 KB takes the system longer than packing the
/// weights of a large network takes us.
at::Tensor empty_weight(at::IntArrayRef sizes, const at::TensorOptions& options);

}  // namespace ldznet

#pragma once

#include <ATen/ATen.h>

#include "compute/avx512.h"

#if defined(__x86_64__)

namespace ldznet {

/// Calls work(T{}), with T the type of a float32 or bfloat16 tensor's values.
template <typename Work>
void with_value_type(const at::Tensor& tensor, const Work& work) {
  if (tensor.scalar_type() == at::kFloat)
    work(float{});
  else
    work(avx512::Bits{});
}

}  // namespace ldznet

#endif

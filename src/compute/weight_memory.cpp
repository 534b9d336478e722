#include "compute/weight_memory.h"

#include <ATen/ops/empty.h>

#include <cstdint>

#include "base/huge_pages.h"

namespace ldznet {

at::Tensor empty_weight(at::IntArrayRef sizes, const at::TensorOptions& options) {
  at::Tensor weight = at::empty(sizes, options);
#ifdef MADV_HUGEPAGE
  // Together with the pages at its ends, parts of which belong to its neighbours: weights in a row become one area.
  if (weight.nbytes() >= kHugePage)
    advise_pages(reinterpret_cast<std::uintptr_t>(weight.mutable_data_ptr()), weight.nbytes(), MADV_HUGEPAGE);
#endif
  return weight;
}

}  // namespace ldznet

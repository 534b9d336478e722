#include "bundle/tensor_checks.h"

#include <sstream>

#include "ldznet/error.h"

namespace ldznet {

void require_shape(const at::Tensor& output, at::IntArrayRef shape, const std::string& file) {
  if (output.sizes() == shape) return;
  std::ostringstream problem;
  problem << file << " returned a tensor of shape " << output.sizes() << "; the manifest requires " << shape;
  throw Error(ErrorCode::bad_config, problem.str(), "Export the bundle again with scripts/export.py.");
}

void require_finite(const at::Tensor& output, const std::string& file) {
  if (output.isfinite().all().item<bool>()) return;
  throw Error(ErrorCode::internal, file + " returned infinite or NaN values",
              "Use the precision fp32, or bf16, which has the same range.");
}

}  // namespace ldznet

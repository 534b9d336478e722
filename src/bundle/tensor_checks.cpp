#include "bundle/tensor_checks.h"

#include <sstream>

#include "ldznet/error.h"

namespace ldznet {

void require_shape(const at::Tensor& answer, at::IntArrayRef shape, const std::string& file) {
  if (answer.sizes() == shape) return;
  std::ostringstream problem;
  problem << file << " answers with the shape " << answer.sizes() << ", its manifest leads to " << shape;
  throw Error(ErrorCode::bad_config, problem.str(), "Export the bundle again with scripts/export.py.");
}

void require_finite(const at::Tensor& answer, const std::string& file) {
  if (answer.isfinite().all().item<bool>()) return;
  throw Error(ErrorCode::internal, file + " answers with values that are not finite",
              "Use the precision fp32 (or bf16, whose range is as wide).");
}

}  // namespace ldznet

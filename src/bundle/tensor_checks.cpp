#include "bundle/tensor_checks.h"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <stdexcept>

#include "ldznet/error.h"

namespace ldznet {

namespace {

constexpr const char* kExportAgain = "Export the bundle again with scripts/export.py.";

/// Whether one of the values has all bits of `exponent` set, as infinities and NaN do. Unlike at::isfinite it makes no
/// temporary tensors, which matters for the billions of weights of large networks.
template <typename Bits>
bool any_special(const void* values, std::int64_t count, Bits exponent) {
  const auto* bits = static_cast<const Bits*>(values);
  Bits found = 0;
  for (std::int64_t i = 0; i < count; ++i) found |= static_cast<Bits>((bits[i] & exponent) == exponent);
  return found != 0;
}

bool is_finite(const at::Tensor& tensor) {
  const at::Tensor values = tensor.contiguous();
  const void* data = values.const_data_ptr();
  switch (values.scalar_type()) {
    case at::kHalf:
      return !any_special<std::uint16_t>(data, values.numel(), 0x7C00);
    case at::kBFloat16:
      return !any_special<std::uint16_t>(data, values.numel(), 0x7F80);
    case at::kFloat:
      return !any_special<std::uint32_t>(data, values.numel(), 0x7F800000);
    default:
      return values.isfinite().all().item<bool>();
  }
}

}  // namespace

void require_shape(const at::Tensor& output, at::IntArrayRef shape, const std::string& file) {
  const auto fits = [](std::int64_t size, std::int64_t wanted) { return wanted < 0 || size == wanted; };
  if (std::ranges::equal(output.sizes(), shape, fits)) return;
  std::ostringstream problem;
  problem << file << " returned a tensor of shape " << output.sizes() << "; it must be " << shape
          << (std::ranges::find(shape, -1) != shape.end() ? ", where -1 is any number" : "");
  throw Error(ErrorCode::bad_config, problem.str(), kExportAgain);
}

void require_finite(const at::Tensor& output, at::ScalarType dtype, const std::string& file) {
  if (output.isfinite().all().item<bool>()) return;
  const std::string problem = file + " returned infinite or NaN values";
  if (dtype != at::kHalf) throw Error(ErrorCode::bad_config, problem, kExportAgain);
  throw Error(ErrorCode::internal, problem, "Use the precision fp32, or bf16, which has the same range.");
}

void require_finite_weights(const torch::jit::Module& module) {
  for (const auto& [name, parameter] : module.named_parameters())
    if (parameter.is_floating_point() && !is_finite(parameter))
      throw std::runtime_error("the weights " + name + " contain infinite or NaN values");
}

}  // namespace ldznet

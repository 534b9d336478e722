#include <torch/library.h>
#include <torch/nn/functional/upsampling.h>

#include <string_view>
#include <utility>
#include <vector>

// PyTorch's torch.nn.functional.interpolate as one TorchScript operator. bundle/class_texts replaces
// PyTorch's own TorchScript text by it, which takes longer to compile than the rest of a small network.
namespace ldznet {

namespace {

namespace functional = torch::nn::functional;
using Mode = functional::InterpolateFuncOptions::mode_t;

Mode mode_of(std::string_view name) {
  static const std::pair<std::string_view, Mode> kModes[] = {
      {"nearest", torch::kNearest},
      {"linear", torch::kLinear},
      {"bilinear", torch::kBilinear},
      {"bicubic", torch::kBicubic},
      {"trilinear", torch::kTrilinear},
      {"area", torch::kArea},
      {"nearest-exact", torch::kNearestExact},
  };
  for (const auto& [known, mode] : kModes)
    if (known == name) return mode;
  TORCH_CHECK(false, "interpolate has no mode ", name);
}

at::Tensor interpolate(const at::Tensor& x, const std::optional<std::vector<std::int64_t>>& size,
                       const std::optional<std::vector<double>>& scale, const std::string& mode,
                       std::optional<bool> align_corners, std::optional<bool> recompute_scale, bool antialias) {
  if (!align_corners && mode.ends_with("linear")) align_corners = false;
  if (!align_corners && mode == "bicubic") align_corners = false;
  return functional::detail::interpolate(x, size, scale, mode_of(mode), align_corners, recompute_scale, antialias);
}

/// The same with one size and one factor for all dimensions of the picture.
at::Tensor interpolate_evenly(const at::Tensor& x, std::optional<std::int64_t> size, std::optional<double> scale,
                              const std::string& mode, std::optional<bool> align_corners,
                              std::optional<bool> recompute_scale, bool antialias) {
  TORCH_CHECK(x.dim() > 2, "interpolate needs an image, not a tensor of shape ", x.sizes());
  const auto for_all = [&](const auto& value) {
    using Values = std::vector<std::decay_t<decltype(*value)>>;
    return value ? std::optional(Values(static_cast<std::size_t>(x.dim() - 2), *value)) : std::nullopt;
  };
  return interpolate(x, for_all(size), for_all(scale), mode, align_corners, recompute_scale, antialias);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(ldznet, library) {
  library.def(
      "interpolate(Tensor x, int[]? size, float[]? scale, str mode, bool? align_corners, bool? recompute_scale, "
      "bool antialias) -> Tensor",
      interpolate);
  library.def(
      "interpolate.evenly(Tensor x, int? size, float? scale, str mode, bool? align_corners, bool? recompute_scale, "
      "bool antialias) -> Tensor",
      interpolate_evenly);
}

}  // namespace ldznet

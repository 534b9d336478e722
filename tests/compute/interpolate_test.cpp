#include <ATen/core/dispatch/Dispatcher.h>
#include <gtest/gtest.h>
#include <torch/script.h>

#include <string>
#include <vector>

namespace ldznet {
namespace {

using Sizes = std::vector<std::int64_t>;
using Scales = std::vector<double>;

/// What ldznet::interpolate computes; `overload` is "" or "evenly".
at::Tensor interpolated(const at::Tensor& x, const char* overload, const c10::IValue& size, const c10::IValue& scale,
                        const std::string& mode, const c10::IValue& align_corners = {}) {
  std::vector<c10::IValue> stack = {x, size, scale, mode, align_corners, {}, false};
  c10::Dispatcher::singleton().findSchemaOrThrow("ldznet::interpolate", overload).callBoxed(&stack);
  return stack.at(0).toTensor();
}

TEST(Interpolate, ComputesWhatPyTorchsFunctionDoes) {
  const at::Tensor x = at::rand({1, 2, 5, 4});
  const Sizes size = {7, 9};
  EXPECT_TRUE(interpolated(x, "", size, {}, "bilinear").equal(at::upsample_bilinear2d(x, size, false)));
  EXPECT_TRUE(interpolated(x, "", size, {}, "bilinear", true).equal(at::upsample_bilinear2d(x, size, true)));
  EXPECT_TRUE(interpolated(x, "", size, {}, "bicubic", false).equal(at::upsample_bicubic2d(x, size, false)));
  EXPECT_TRUE(interpolated(x, "", size, {}, "area").equal(at::adaptive_avg_pool2d(x, size)));
  EXPECT_TRUE(
      interpolated(x, "", {}, Scales{2, 3}, "nearest").equal(x.repeat_interleave(2, 2).repeat_interleave(3, 3)));
}

TEST(Interpolate, OneNumberIsForAllDimensions) {
  const at::Tensor x = at::rand({1, 2, 5, 4});
  EXPECT_TRUE(interpolated(x, "evenly", 6, {}, "bilinear").equal(interpolated(x, "", Sizes{6, 6}, {}, "bilinear")));
  EXPECT_TRUE(interpolated(x, "evenly", {}, 2.0, "nearest").equal(interpolated(x, "", {}, Scales{2, 2}, "nearest")));
}

TEST(Interpolate, RefusesUnknownModes) {
  const at::Tensor x = at::rand({1, 2, 5, 4});
  EXPECT_ANY_THROW(interpolated(x, "evenly", 6, {}, "lanczos"));
  EXPECT_ANY_THROW(interpolated(x, "evenly", 6, {}, "nearest", true)) << "has no corners to align";
}

}  // namespace
}  // namespace ldznet

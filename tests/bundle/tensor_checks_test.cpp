#include "bundle/tensor_checks.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/errors.h"

namespace ldznet {
namespace {

TEST(TensorChecks, Shape) {
  const at::Tensor output = at::zeros({1, 8, 4, 6});
  EXPECT_NO_THROW(require_shape(output, {1, 8, 4, 6}, "vae_encoder.pt"));
  EXPECT_NO_THROW(require_shape(output, {1, -1, 4, -1}, "vae_encoder.pt"));
  for (const std::vector<std::int64_t>& other : std::vector<std::vector<std::int64_t>>{
           {1, 8, 6, 4}, {1, 8, 4}, {1, 8, 4, 6, 1}, {1, -1, 6, -1}, {-1, -1, -1}, {}}) {
    const Error error = test::error_of([&] { require_shape(output, other, "vae_encoder.pt"); });
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    EXPECT_NE(std::string(error.what()).find("vae_encoder.pt returned a tensor of shape [1, 8, 4, 6]"),
              std::string::npos)
        << error.what();
  }
}

TEST(TensorChecks, Finite) {
  EXPECT_NO_THROW(require_finite(at::tensor({0.F, -3e38F}), at::kHalf, "ldznet.pt"));
  for (const float value : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    for (const auto& [dtype, code] : {std::pair{at::kFloat, ErrorCode::bad_config},
                                      {at::kBFloat16, ErrorCode::bad_config},
                                      {at::kHalf, ErrorCode::internal}}) {
      const Error error = test::error_of([&] { require_finite(at::tensor({1.F, value}), dtype, "ldznet.pt"); });
      EXPECT_EQ(error.code(), code);
      EXPECT_NE(std::string(error.what()).find("ldznet.pt"), std::string::npos) << error.what();
    }
  }
}

TEST(TensorChecks, FiniteWeights) {
  const auto check = [](double value, at::ScalarType dtype) {
    torch::jit::Module module("m");
    module.register_parameter("first", at::ones({3}, at::kFloat), false);
    module.register_parameter("second", at::tensor({1.0, value, -2.0}).to(dtype).expand({5, 3}), false);
    require_finite_weights(module);
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const at::ScalarType dtype : {at::kHalf, at::kBFloat16, at::kFloat, at::kDouble}) {
    for (const double fine : {0.0, -60000.0, 1e-30}) EXPECT_NO_THROW(check(fine, dtype)) << dtype;
    for (const double wrong : {kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN()})
      EXPECT_THROW(check(wrong, dtype), std::runtime_error) << dtype;
  }
}

}  // namespace
}  // namespace ldznet

#include "bundle/tensor_checks.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/errors.h"

namespace ldznet {
namespace {

TEST(TensorChecks, Shape) {
  const at::Tensor output = at::zeros({1, 8, 4, 6});
  EXPECT_NO_THROW(require_shape(output, {1, 8, 4, 6}, "vae_encoder.pt"));
  for (const std::vector<std::int64_t>& other :
       std::vector<std::vector<std::int64_t>>{{1, 8, 6, 4}, {1, 8, 4}, {1, 8, 4, 6, 1}, {}}) {
    const Error error = test::error_of([&] { require_shape(output, other, "vae_encoder.pt"); });
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    EXPECT_NE(std::string(error.what()).find("vae_encoder.pt returned a tensor of shape [1, 8, 4, 6]"),
              std::string::npos)
        << error.what();
  }
}

TEST(TensorChecks, Finite) {
  EXPECT_NO_THROW(require_finite(at::tensor({0.F, -3e38F}), "ldznet.pt"));
  for (const float value : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    const Error error = test::error_of([&] { require_finite(at::tensor({1.F, value}), "ldznet.pt"); });
    EXPECT_EQ(error.code(), ErrorCode::internal);
    EXPECT_NE(std::string(error.what()).find("ldznet.pt"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace ldznet

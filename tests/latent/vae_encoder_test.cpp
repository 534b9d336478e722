#include "latent/vae_encoder.h"

#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/toy_source.h"

namespace ldznet {
namespace {

using test::source_of;
using test::ToyBundle;

// The toy bundle's encoder returns 1.5 times [mean pixels of each channel, their mean] as the mean of the posterior.
TEST(VaeEncoder, ScalesThePosteriorMean) {
  const ToyBundle bundle;
  const VaeEncoder vae(source_of(bundle));
  const at::Tensor x = at::full({1, 3, 64, 128}, 0.5F);
  const at::Tensor moments = vae.moments(x);
  EXPECT_EQ(moments.sizes(), at::IntArrayRef({1, 8, 8, 16}));
  const at::Tensor z = vae.encode(x);
  EXPECT_EQ(z.sizes(), at::IntArrayRef({1, 4, 8, 16}));
  EXPECT_EQ(z.scalar_type(), at::kFloat);
  EXPECT_TRUE(z.equal(at::full({1, 4, 8, 16}, 0.5F * 1.5F * 0.5F)));  // latent.scale is 0.5
  EXPECT_TRUE(z.equal(0.5 * moments.slice(1, 0, 4)));
}

TEST(VaeEncoder, RefusesAnotherShape) {
  const ToyBundle bundle;
  bundle.replace_network("vae_encoder.pt", "def forward(self, image):\n    return image\n");
  const VaeEncoder vae(source_of(bundle));
  const Error error = test::error_of([&] { vae.encode(at::zeros({1, 3, 64, 64})); });
  EXPECT_EQ(error.code(), ErrorCode::bad_config);
  EXPECT_NE(std::string(error.what()).find("vae_encoder.pt"), std::string::npos) << error.what();
}

}  // namespace
}  // namespace ldznet

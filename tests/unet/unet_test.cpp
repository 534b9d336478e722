#include "unet/unet.h"

#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/toy_source.h"

namespace ldznet {
namespace {

using test::source_of;
using test::ToyBundle;

// The toy bundle's UNet returns [1.5 z_t + timestep / 1000, half-size z_t times the mean of the context].
TEST(UNet, TapsOfEveryContext) {
  const ToyBundle bundle;
  const UNet unet(source_of(bundle));
  const at::Tensor z_t = at::ones({1, 4, 8, 8});
  const at::Tensor context = at::cat({at::full({1, 16, 4}, 2.F), at::full({1, 16, 4}, 3.F)});
  const Taps taps = unet.taps(z_t, 400, context);
  ASSERT_EQ(taps.size(), 2U);
  EXPECT_EQ(taps[0].sizes(), at::IntArrayRef({2, 4, 8, 8}));
  EXPECT_TRUE(at::allclose(taps[0], at::full({2, 4, 8, 8}, 1.9F)));
  EXPECT_EQ(taps[1].sizes(), at::IntArrayRef({2, 4, 4, 4}));
  EXPECT_TRUE(at::allclose(taps[1][0], at::full({4, 4, 4}, 2.F)));
  EXPECT_TRUE(at::allclose(taps[1][1], at::full({4, 4, 4}, 3.F)));
}

TEST(UNet, SharesInputsAmongContexts) {
  const ToyBundle bundle;
  bundle.replace_network("unet.pt",
                         "def forward(self, z_t, timestep, context):\n"
                         "    text = torch.mean(context, [1, 2])[:, None, None, None]\n"
                         "    return [text * z_t.size(0), text * timestep.size(0)]\n");
  const at::Tensor z_t = at::ones({1, 4, 8, 8}), context = at::ones({3, 16, 4});
  NetworkSource source = source_of(bundle);
  for (const bool shared : {false, true}) {
    source.manifest.shared_inputs = shared;
    const Taps taps = UNet(source).taps(z_t, 0, context);
    for (const at::Tensor& tap : taps) EXPECT_TRUE(tap.equal(at::full({3, 1, 1, 1}, shared ? 1.F : 3.F))) << shared;
  }
}

TEST(UNet, FeaturesByName) {
  const ToyBundle bundle;
  const UNet unet(source_of(bundle));
  const at::Tensor z_t = at::full({1, 4, 8, 8}, 2.F), context = at::ones({1, 16, 4});
  const std::vector<Feature> features = unet.features(z_t, 0, context, {"c", "b"});
  ASSERT_EQ(features.size(), 2U);
  EXPECT_EQ(features[0].name, "c");
  EXPECT_EQ(features[0].channels, 4);
  EXPECT_EQ(features[0].height, 8);
  EXPECT_EQ(features[0].values, std::vector<float>(4 * 8 * 8, 2.F)) << "the toy's third feature is z_t";
  EXPECT_EQ(features[1].name, "b");
  EXPECT_EQ(features[1].width, 4);
  const Error error = test::error_of([&] { unet.features(z_t, 0, context, {"c", "d"}); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_NE(std::string(error.what()).find("\"d\""), std::string::npos) << error.what();
}

TEST(UNet, RefusesAnotherNumberOfFeatures) {
  const ToyBundle bundle;
  bundle.replace_network("unet.pt", "def forward(self, z_t, timestep, context):\n    return [z_t]\n");
  const UNet unet(source_of(bundle));
  const Error error = test::error_of([&] { unet.taps(at::ones({1, 4, 8, 8}), 0, at::ones({1, 16, 4})); });
  EXPECT_EQ(error.code(), ErrorCode::bad_config);
  EXPECT_NE(std::string(error.what()).find("unet.pt returned 1 features, the manifest names 2"), std::string::npos)
      << error.what();
}

}  // namespace
}  // namespace ldznet

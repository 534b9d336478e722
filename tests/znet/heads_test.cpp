#include "znet/heads.h"

#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/toy_source.h"

namespace ldznet {
namespace {

using test::source_of;
using test::ToyBundle;

HeadInputs inputs() {
  const at::Tensor z = at::ones({1, 4, 8, 8});
  return {at::full({1, 3, 64, 64}, 0.5F),
          z,
          at::cat({at::zeros({1, 16, 4}), at::ones({1, 16, 4})}),
          {z, at::full({1, 4, 4, 4}, 2.F)}};
}

// The toy bundle's heads: rgbnet 1.5 x + c, znet 1.5 (3 z + c), ldznet 1.5 (z + a + b + c), with the mean c of the
// context.
TEST(Head, ReadsWhatItsMethodNeeds) {
  const ToyBundle bundle;
  const auto logits = [&](const char* method, const HeadInputs& given) {
    return Head(source_of(bundle), method).logits(given);
  };
  for (const auto& [method, first, second] :
       {std::tuple{"rgbnet", 0.75F, 1.75F}, {"znet", 4.5F, 6.F}, {"ldznet", 6.F, 7.5F}}) {
    const at::Tensor actual = logits(method, inputs());
    ASSERT_EQ(actual.sizes(), at::IntArrayRef({2, 1, 64, 64})) << method;
    EXPECT_EQ(actual.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::allclose(actual[0], at::full({1, 64, 64}, first))) << method;
    EXPECT_TRUE(at::allclose(actual[1], at::full({1, 64, 64}, second))) << method;
  }
  HeadInputs image_alone = inputs();
  image_alone.z = at::Tensor();
  image_alone.taps.clear();
  EXPECT_TRUE(logits("rgbnet", image_alone).equal(logits("rgbnet", inputs())));
  HeadInputs no_taps = inputs();
  no_taps.taps.clear();
  EXPECT_TRUE(logits("znet", no_taps).equal(logits("znet", inputs())));
}

TEST(Head, SharesInputsAmongContexts) {
  const ToyBundle bundle;
  const auto counting = [](const std::string& input) {
    return "def forward(self, " + input + ", context):\n    ones = torch.ones([context.size(0), 1, 64, 64])\n" +
           "    return ones * " + input + ".size(0)\n";
  };
  bundle.replace_network("znet.pt", counting("z"));
  bundle.replace_network("rgbnet.pt", counting("image"));
  NetworkSource source = source_of(bundle);
  for (const char* method : {"znet", "rgbnet"})
    for (const bool shared : {false, true}) {
      source.manifest.shared_inputs = shared;
      EXPECT_EQ(Head(source, method).logits(inputs()).mean().item<float>(), shared ? 1 : 2) << method;
    }
}

TEST(Head, RefusesWrongOutputs) {
  const ToyBundle bundle;
  const auto code_of = [&](const char* methods) {
    bundle.replace_network("rgbnet.pt", methods);
    const Head head(source_of(bundle), "rgbnet");
    return test::error_of([&] { head.logits(inputs()); }).code();
  };
  EXPECT_EQ(code_of("def forward(self, image, context):\n    return image\n"), ErrorCode::bad_config);
  EXPECT_EQ(code_of("def forward(self, image, context):\n    return torch.mean(image, [1], True) / 0\n"),
            ErrorCode::bad_config);
}

}  // namespace
}  // namespace ldznet

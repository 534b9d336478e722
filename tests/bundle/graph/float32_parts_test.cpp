#include "bundle/graph/float32_parts.h"

#include <gtest/gtest.h>

#include <sstream>

#include "bundle/loader.h"
#include "support/modules.h"
#include "support/toy_source.h"

namespace ldznet {
namespace {

/// A network with a part `semantic` or another name, both with a weight.
torch::jit::Module network(const std::string& name) {
  torch::jit::Module part("part"), module("network");
  part.register_parameter("weight", at::full({1}, 1.0009765625), false);  // 1 in bfloat16
  part.define("def forward(self, x, n: int):\n    return x * self.weight * n\n");
  module.register_module(name, part);
  module.register_parameter("weight", at::full({1}, 1.0009765625), false);
  module.define("def forward(self, x):\n    return [x * self.weight, self." + name + ".forward(x, 1)]\n");
  return module;
}

TEST(Float32Parts, StayInFloat32) {
  for (const bool stays : {true, false}) {
    const torch::jit::Module module = network(stays ? "semantic" : "other");
    const auto kept = float32_weights(module);
    convert_for_float32_parts(module);
    EXPECT_EQ(kept.size(), stays ? 1u : 0u);
    EXPECT_FALSE(kept.contains(module.attr("weight").toTensor().unsafeGetTensorImpl()));
    EXPECT_EQ(count(module, "forward", "aten::to"), kept.size()) << "only the tensor is converted";
  }
}

TEST(Float32Parts, AreNotThoseOfParts) {
  torch::jit::Module outer("outer");
  outer.register_module("inner", network("semantic"));
  outer.define("def forward(self, x):\n    return self.inner.semantic.forward(x, 1)\n");
  convert_for_float32_parts(outer);
  EXPECT_TRUE(float32_weights(outer).empty());
  EXPECT_EQ(count(outer, "forward", "aten::to"), 0u);
}

TEST(Float32Parts, AreLoadedAsSuch) {
  const test::ToyBundle bundle;
  std::ostringstream archive;
  network("semantic").save(archive);
  bundle.replace("vae_encoder.pt", archive.str());
  for (const auto& [precision, dtype] : {std::pair{"fp32", at::kFloat}, {"bf16", at::kBFloat16}}) {
    const Network loaded(test::source_of(bundle, precision), "vae_encoder.pt");
    const auto outputs = loaded.call_list("forward", {at::ones({1})});
    EXPECT_EQ(outputs[0].scalar_type(), dtype);
    EXPECT_EQ(outputs[1].scalar_type(), at::kFloat);
    EXPECT_EQ(outputs[1].item<float>(), 1.0009765625F);
  }
}

}  // namespace
}  // namespace ldznet

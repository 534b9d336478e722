#include "bundle/short_texts.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

constexpr const char* kFunctional = "__torch__.torch.nn.functional.___torch_mangle_7";
const std::string kGroupNorm =
    "def group_norm(input: Tensor,\n    num_groups: int,\n    weight: Optional[Tensor]=None,\n    bias: "
    "Optional[Tensor]=None,\n    eps: float=1.0000000000000001e-05) -> Tensor:\n";
const std::string kShort = "  return torch.group_norm(input, num_groups, weight, bias, eps)\n";
const std::string kOther = "def silu(input: Tensor) -> Tensor:\n  return torch.silu(input)\n";

TEST(ShortTexts, AKnownFunctionGetsAShortBody) {
  const std::string body = "  if torch.lt(torch.dim(input), 2):\n    pass\n  return input\n";
  EXPECT_EQ(with_short_functions(kFunctional, kOther + kGroupNorm + body + kOther),
            kOther + kGroupNorm + kShort + kOther);
  EXPECT_EQ(with_short_functions(kFunctional, kGroupNorm + body), kGroupNorm + kShort);
}

TEST(ShortTexts, OtherFunctionsStay) {
  const std::string other = "def group_norm(input: Tensor,\n    groups: int) -> Tensor:\n  return input\n";
  EXPECT_EQ(with_short_functions(kFunctional, other), other);
  const std::string elsewhere = kGroupNorm + "  return input\n";
  EXPECT_EQ(with_short_functions("__torch__.my.functional", elsewhere), elsewhere);
}

TEST(ShortTexts, OnlyCalledMethodsStay) {
  const std::string head = "class Net(Module):\n  training : bool\n";
  const std::string forward = "  def forward(self: Net,\n    x: Tensor) -> Tensor:\n    return (self).body(x, )\n";
  const std::string unused = "  def logits(self: Net,\n    x: Tensor) -> Tensor:\n    return (self).helper(x, )\n";
  const std::string helper = "  def helper(self: Net) -> int:\n    return 2\n";
  const std::string body = "  def body(self: Net,\n    x: Tensor) -> Tensor:\n    return (self).part(x, )\n";
  const std::string part = "  def part(self: Net) -> int:\n    return 1\n";
  const std::string length = "  def __len__(self: Net) -> int:\n    return 1\n";
  const std::string rest = "class Net2(Module):\n  def logits(self) -> int:\n    return 3\n" + kOther;
  const std::string all = rest + head + forward + unused + helper + body + part + length + rest;
  EXPECT_EQ(without_other_methods(all, "Net", {"forward"}), rest + head + forward + body + part + length + rest);
  EXPECT_EQ(without_other_methods(head + forward + body + part + unused + helper, "Net", {"logits"}),
            head + unused + helper);
  EXPECT_EQ(without_other_methods(all, "Net", {"forward", "logits"}), all);
  EXPECT_EQ(without_other_methods(all, "Other", {"forward"}), all);
  EXPECT_EQ(without_other_methods(head, "Net", {"forward"}), head);
}

}  // namespace
}  // namespace ldznet

#include "bundle/class_texts.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

/// A layer's module, with a constant and a class that refers to itself and to another module's class.
std::string layer(const std::string& module, const std::string& inner, const std::string& size) {
  return "class Layer(Module):\n  size : Final[int] = " + size + "\n  inner : " + inner +
         ".Part\n  def forward(self: " + module +
         ".Layer, x: Tensor) -> Tensor:\n    return (self.inner).forward(x, )\n";
}

std::string part(const std::string& scale) {
  return "class Part(Module):\n  scale : Final[int] = " + scale +
         "\n  def forward(self, x: Tensor) -> Tensor:\n    return torch.mul(x, 2)\n";
}

ClassTexts texts_of(const std::map<std::string, std::string>& modules) {
  return ClassTexts([modules](const std::string& module) -> std::optional<std::string> {
    const auto found = modules.find(module);
    return found == modules.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(ClassTexts, LayersOfDifferentSizesShareAClass) {
  ClassTexts texts = texts_of({{"__torch__.a", layer("__torch__.a", "__torch__.p", "1")},
                               {"__torch__.b", layer("__torch__.b", "__torch__.q", "2")},
                               {"__torch__.p", part("3")},
                               {"__torch__.q", part("4")}});
  EXPECT_EQ(texts.shared_name("__torch__.b.Layer"), "__torch__.b.Layer");
  EXPECT_EQ(texts.shared_name("__torch__.a.Layer"), "__torch__.b.Layer") << "the first one seen";
  EXPECT_EQ(texts.text("__torch__.b"),
            "class Layer(Module):\n  inner : __torch__.q.Part\n  def forward(self: __torch__.b.Layer, x: Tensor) -> "
            "Tensor:\n    return (self.inner).forward(x, )\n");
}

TEST(ClassTexts, ClassesThatDifferStayApart) {
  ClassTexts texts = texts_of({{"__torch__.a", layer("__torch__.a", "__torch__.p", "1")},
                               {"__torch__.b", layer("__torch__.b", "__torch__.q", "1")},
                               {"__torch__.p", part("3")},
                               {"__torch__.q", "class Part(Module):\n  pass\n"}});
  EXPECT_EQ(texts.shared_name("__torch__.a.Layer"), "__torch__.a.Layer");
  EXPECT_EQ(texts.shared_name("__torch__.b.Layer"), "__torch__.b.Layer");
}

TEST(ClassTexts, KeepsConstantsThatAMethodReads) {
  const std::string text =
      "class A(Module):\n  size : Final[int] = 1\n  def forward(self, x: Tensor) -> Tensor:\n    return x + self.size";
  EXPECT_EQ(texts_of({{"__torch__.a", text}}).text("__torch__.a"), text);
}

TEST(ClassTexts, NamesElsewhereStay) {
  ClassTexts texts = texts_of({{"__torch__.a", "x = __torch__.torch.classes.b.C.d(1)"}});
  EXPECT_EQ(texts.text("__torch__.a"), "x = __torch__.torch.classes.b.C.d(1)");
  EXPECT_EQ(texts.text("__torch__.none"), std::nullopt);
  EXPECT_EQ(texts.shared_name("Tensor"), "Tensor");
}

TEST(ClassTexts, ModulesThatReferToEachOther) {
  ClassTexts texts = texts_of({{"__torch__.a", "__torch__.b.B\n"}, {"__torch__.b", "__torch__.a.A\n"}});
  EXPECT_EQ(texts.shared_name("__torch__.a.A"), "__torch__.a.A");
  EXPECT_EQ(texts.text("__torch__.b"), "__torch__.a.A\n");
}

constexpr const char* kFunctional = "__torch__.torch.nn.functional.___torch_mangle_7";
const std::string kGroupNorm =
    "def group_norm(input: Tensor,\n    num_groups: int,\n    weight: Optional[Tensor]=None,\n    bias: "
    "Optional[Tensor]=None,\n    eps: float=1.0000000000000001e-05) -> Tensor:\n";
const std::string kShort = "  return torch.group_norm(input, num_groups, weight, bias, eps)\n";
const std::string kOther = "def silu(input: Tensor) -> Tensor:\n  return torch.silu(input)\n";

TEST(ClassTexts, AKnownFunctionGetsAShortBody) {
  const std::string body = "  if torch.lt(torch.dim(input), 2):\n    pass\n  return input\n";
  EXPECT_EQ(with_short_functions(kFunctional, kOther + kGroupNorm + body + kOther),
            kOther + kGroupNorm + kShort + kOther);
  EXPECT_EQ(with_short_functions(kFunctional, kGroupNorm + body), kGroupNorm + kShort);
}

TEST(ClassTexts, OtherFunctionsStay) {
  const std::string other = "def group_norm(input: Tensor,\n    groups: int) -> Tensor:\n  return input\n";
  EXPECT_EQ(with_short_functions(kFunctional, other), other);
  const std::string elsewhere = kGroupNorm + "  return input\n";
  EXPECT_EQ(with_short_functions("__torch__.my.functional", elsewhere), elsewhere);
}

TEST(ClassTexts, OnlyCalledMethodsStay) {
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

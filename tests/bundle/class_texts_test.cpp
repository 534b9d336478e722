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

}  // namespace
}  // namespace ldznet

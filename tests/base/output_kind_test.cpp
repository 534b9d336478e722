#include "base/output_kind.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ldznet/error.h"

namespace ldznet {
namespace {

TEST(OutputKind, SavableKindsHaveNames) {
  const std::vector<std::string> kinds = {"mask", "overlay", "cutout", "probability", "labels", "yolo", "labelme"};
  EXPECT_EQ(savable_kinds(), kinds);
  for (const std::string& kind : kinds) EXPECT_EQ(name(kind_of(kind)), kind);
  EXPECT_THROW(kind_of("masks"), Error);
}

TEST(OutputKind, KindsThatSaveDoesNotTakeHaveNamesToo) {
  for (const OutputKind kind : {OutputKind::panoptic, OutputKind::labels_index, OutputKind::yolo_image})
    EXPECT_EQ(kind_of(name(kind)), kind);
}

TEST(OutputKind, FilesForToolsAreOfAllPrompts) {
  for (const std::string& kind : savable_kinds())
    EXPECT_TRUE(!is_for_tools(kind_of(kind)) || is_of_all_prompts(kind_of(kind))) << kind;
  EXPECT_FALSE(is_of_all_prompts(OutputKind::mask));
  EXPECT_TRUE(is_of_all_prompts(OutputKind::labels) && !is_for_tools(OutputKind::labels));
}

}  // namespace
}  // namespace ldznet

#include "mask/label_map.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "ldznet/mask.h"
#include "support/masks.h"

namespace ldznet {
namespace {

using Labels = std::vector<std::uint16_t>;

LabelMap label_map(const std::vector<Probability>& maps, const std::vector<Mask>& masks) {
  LabelMapMaker maker;
  for (std::size_t k = 0; k < maps.size(); ++k) maker.add(maps[k], masks[k]);
  return maker.map();
}

LabelMap labels_of(const std::vector<Probability>& maps, double threshold) {
  std::vector<Mask> masks;
  for (const Probability& map : maps) masks.push_back(apply_threshold(map, threshold));
  return label_map(maps, masks);
}

TEST(LabelMap, OfEqualsTheEarlierPromptWins) {
  const Probability same{3, 1, {0.5F, 0.75F, 1.0F}};
  EXPECT_EQ(labels_of({same, same, same}, 0.5).labels, (Labels{1, 1, 1}));
  EXPECT_EQ(labels_of({{3, 1, {0, 0.6F, 0}}, same, same}, 0.5).labels, (Labels{2, 2, 2}));
}

TEST(LabelMap, AProbabilityOutsideItsMaskDoesNotWin) {
  // Masks may be smaller than the threshold makes them, once small regions are dropped.
  const std::vector<Probability> maps = {{2, 1, {0.99F, 0.99F}}, {2, 1, {0.6F, 0.6F}}};
  const std::vector<Mask> masks = {test::drawn({".#"}), test::drawn({"##"})};
  EXPECT_EQ(label_map(maps, masks).labels, (Labels{2, 1}));
}

TEST(LabelMap, LabelsAreReplaced) {
  EXPECT_EQ(relabelled({4, 1, {0, 3, 1, 2}}, {7, 7, 9}).labels, (Labels{0, 9, 7, 7}));
}

TEST(LabelMap, AFilledPixelOfNoProbabilityIsLabelled) {
  const std::vector<Probability> maps = {{2, 1, {0.0F, 0.9F}}};
  const std::vector<Mask> masks = {test::drawn({"##"})};
  EXPECT_EQ(label_map(maps, masks).labels, (Labels{1, 1}));
}

TEST(LabelMap, SizesAndNothing) {
  EXPECT_TRUE(label_map({}, {}).labels.empty());
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5000}, {5000, 1}}) {
    const std::size_t count = static_cast<std::size_t>(width) * height;
    const LabelMap map = labels_of({{width, height, std::vector<float>(count, 0.1F)}}, 0.5);
    EXPECT_EQ(map.width, width);
    EXPECT_EQ(map.height, height);
    EXPECT_EQ(map.labels, Labels(count, 0));
  }
}

TEST(LabelMap, HoldsAsManyPromptsAsSixteenBits) {
  std::vector<Probability> maps(65535, {1, 1, {0.5F}});
  maps.back().values = {0.75F};
  std::vector<Mask> masks(65535, {1, 1, {1}});
  EXPECT_EQ(label_map(maps, masks).labels, (Labels{65535}));
  maps.push_back(maps.back());
  masks.push_back(masks.back());
  try {
    label_map(maps, masks);
    ADD_FAILURE() << "65,536 prompts were taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_image);
    EXPECT_FALSE(error.hint().empty());
  }
}

}  // namespace
}  // namespace ldznet

#include <gtest/gtest.h>

#include "ldznet/mask.h"

namespace ldznet {
namespace {

TEST(Resize, IsBilinearWithHalfPixelCentres) {
  const Probability map{2, 1, {0, 1}};
  EXPECT_EQ(resize(map, 2, 1).values, map.values);
  EXPECT_EQ(resize(map, 4, 2).values, (std::vector<float>{0, 0.25F, 0.75F, 1, 0, 0.25F, 0.75F, 1}));
  EXPECT_EQ(resize({4, 1, {0, 0.25F, 0.75F, 1}}, 2, 1).values, (std::vector<float>{0.125F, 0.875F}));
}

}  // namespace
}  // namespace ldznet

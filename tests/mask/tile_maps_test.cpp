#include "mask/tile_maps.h"

#include <gtest/gtest.h>

#include "support/masks.h"

namespace ldznet {
namespace {

TEST(TileMaps, TilesCoverAnAxisAndOverlapByAQuarter) {
  for (const auto& [pixels, side] : {std::pair{1, 64}, {64, 64}, {65, 64}, {100, 64}, {1000, 64}, {16384, 512}}) {
    const TileAxis axis = tile_axis(pixels, side);
    EXPECT_EQ(axis.side, std::min(pixels, side));
    EXPECT_EQ(axis.starts.front(), 0);
    EXPECT_EQ(axis.starts.back() + axis.side, pixels);
    for (std::size_t i = 1; i < axis.starts.size(); ++i) {
      EXPECT_GT(axis.starts[i], axis.starts[i - 1]);
      EXPECT_LE(axis.starts[i] - axis.starts[i - 1], axis.side * 3 / 4);
    }
    std::vector<double> sums(static_cast<std::size_t>(pixels));
    for (std::size_t i = 0; i < axis.starts.size(); ++i)
      for (int k = 0; k < axis.side; ++k) {
        EXPECT_GT(axis.weights[i][k], 0);
        sums[axis.starts[i] + k] += axis.weights[i][k];
      }
    for (const double sum : sums) ASSERT_NEAR(sum, 1, 1e-6);
  }
  EXPECT_EQ(tile_axis(64, 64).starts.size(), 1u);
  EXPECT_EQ(tile_axis(112, 64).starts.size(), 2u);
  EXPECT_EQ(tile_axis(113, 64).starts.size(), 3u);
}

TEST(TileMaps, EqualTilesGiveThePicture) {
  const TileAxis across = tile_axis(150, 64), down = tile_axis(40, 64);
  Probability whole{150, 40, {}}, sum{150, 40, std::vector<float>(150 * 40)};
  for (int i = 0; i < 150 * 40; ++i) whole.values.push_back(static_cast<float>(i % 97) / 97);
  for (std::size_t column = 0; column < across.starts.size(); ++column) {
    Probability tile{64, 40, {}};
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 64; ++x) tile.values.push_back(whole.values[y * 150 + across.starts[column] + x]);
    add_tile(across, column, down, 0, tile, sum);
  }
  for (std::size_t i = 0; i < sum.values.size(); ++i) ASSERT_NEAR(sum.values[i], whole.values[i], 1e-5F);
}

TEST(TileMaps, TheWholePictureCountsForLargeThingsAndWhereBothAgree) {
  const Probability whole{6, 2, {0.9F, 0.8F, 0.7F, 0.6F, 0.1F, 0.0F, 0, 0, 0, 0, 0.1F, 0.9F}};
  const Probability tiles{6, 2, {0.2F, 0.2F, 0.9F, 0.2F, 0.3F, 0.0F, 0, 0.6F, 0, 0, 0, 0.3F}};
  // The first region of the whole picture is wider than a tile of 3 pixels, the second, a single pixel, is not.
  EXPECT_EQ(with_context(tiles, whole, 3).values,
            (std::vector<float>{0.9F, 0.8F, 0.9F, 0.6F, 0.3F, 0, 0, 0.6F, 0, 0, 0, 0.3F}));
  EXPECT_EQ(with_context(tiles, whole, 4).values,
            (std::vector<float>{0.2F, 0.2F, 0.9F, 0.2F, 0.3F, 0, 0, 0.6F, 0, 0, 0, 0.3F}));
  const Probability both{1, 1, {0.6F}};
  EXPECT_EQ(with_context(both, {1, 1, {0.8F}}, 4).values, (std::vector<float>{0.8F}));
}

}  // namespace
}  // namespace ldznet

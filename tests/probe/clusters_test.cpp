#include "probe/clusters.h"

#include <gtest/gtest.h>

#include <set>

#include "ldznet/error.h"

namespace ldznet {
namespace {

/// A feature of two channels whose left and right halves point in different directions, with an odd place at the top
/// left: what the UNet makes of a corner.
Feature halves(int side, float length) {
  Feature feature{"halves", 2, side, side, std::vector<float>(2UL * side * side)};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) feature.values[((x < side / 2 ? 0UL : side) + y) * side + x] = length;
  feature.values[0] = feature.values[1UL * side * side] = -9 * length;
  return feature;
}

TEST(Clusters, FollowTheFeaturesInside) {
  const std::vector<Feature> features = {halves(8, 1), halves(4, 100)};
  const LabelMap map = cluster(features, 2, 160, 160, {20, 30, 120, 100});
  ASSERT_EQ(map.width, 120);
  ASSERT_EQ(map.height, 100);
  const std::uint16_t left = map.labels[0], right = map.labels[119];
  EXPECT_EQ(std::set({left, right}), std::set<std::uint16_t>({1, 2}));
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 120; ++x)
      if (x < 55 || x > 65) {
        EXPECT_EQ(map.labels[static_cast<std::size_t>(y) * 120 + x], x < 60 ? left : right) << x << " " << y;
      }
}

TEST(Clusters, TheLargestRegionIsTheFirst) {
  const std::vector<Feature> features = {halves(8, 1)};
  EXPECT_EQ(cluster(features, 2, 160, 160, {60, 40, 100, 100}).labels.back(), 1);
  EXPECT_EQ(cluster(features, 2, 160, 160, {0, 40, 100, 100}).labels.front(), 1);
}

TEST(Clusters, NeedAPlaceEach) {
  const std::vector<Feature> features = {halves(4, 1)};
  EXPECT_THROW(cluster(features, 5, 160, 160, {40, 40, 80, 80}), Error);
}

TEST(Clusters, APictureIsMirroredBeyondItsEdges) {
  Image image{16, 9, std::vector<std::uint8_t>(16UL * 9 * 3), {}};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i * 7);
  const PaddedImage padded = mirror_edges(image);
  EXPECT_EQ(padded.inside, (Box{2, 1, 16, 9}));
  ASSERT_EQ(padded.image.width, 20);
  ASSERT_EQ(padded.image.height, 11);
  const auto at = [](const Image& of, int x, int y) {
    return of.rgb[(static_cast<std::size_t>(y) * of.width + x) * 3];
  };
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 16; ++x) EXPECT_EQ(at(padded.image, x + 2, y + 1), at(image, x, y));
  EXPECT_EQ(at(padded.image, 1, 1), at(image, 0, 0));
  EXPECT_EQ(at(padded.image, 0, 0), at(image, 1, 0));
  EXPECT_EQ(at(padded.image, 19, 10), at(image, 14, 8));
}

}  // namespace
}  // namespace ldznet

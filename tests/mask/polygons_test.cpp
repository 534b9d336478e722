#include "ldznet/polygons.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "ldznet/regions.h"
#include "support/masks.h"

namespace ldznet {
namespace {

using test::drawn;
using test::shown;

/// The pixels whose centre lies in any of the polygons: an odd number of vertical edges to its left.
Mask rasterised(const std::vector<Polygon>& polygons, int width, int height) {
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (const Polygon& polygon : polygons) {
    std::vector<std::uint8_t> odd(mask.pixels.size());
    for (std::size_t i = 0; i < polygon.size(); i += 2) {
      const std::size_t next = (i + 2) % polygon.size();
      if (polygon[i] != polygon[next]) continue;
      const auto [top, bottom] = std::minmax(polygon[i + 1], polygon[next + 1]);
      for (int y = top; y < bottom; ++y)
        for (int x = polygon[i]; x < width; ++x) odd[static_cast<std::size_t>(y) * width + x] ^= 1;
    }
    for (std::size_t i = 0; i < odd.size(); ++i) mask.pixels[i] |= odd[i];
  }
  return mask;
}

/// Twice the area by the shoelace formula; positive when clockwise on a screen, where y points down.
long twice_area(const Polygon& p) {
  long sum = 0;
  for (std::size_t i = 0; i < p.size(); i += 2) {
    const std::size_t next = (i + 2) % p.size();
    sum += static_cast<long>(p[i]) * p[next + 1] - static_cast<long>(p[next]) * p[i + 1];
  }
  return sum;
}

/// Whether it has at least four corners, all steps go along one axis, and every corner turns.
bool turns_at_every_corner(const Polygon& p) {
  if (p.size() < 8 || p.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < p.size(); i += 2) {
    const std::size_t next = (i + 2) % p.size(), after = (i + 4) % p.size();
    const bool across = p[i + 1] == p[next + 1], down = p[i] == p[next];
    const bool across_next = p[next + 1] == p[after + 1];
    if (across == down || across == across_next) return false;
  }
  return true;
}

TEST(Polygons, RasterisedGiveTheFilledMaskBack) {
  unsigned seed = 1000;
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 30}, {30, 1}, {2, 2}, {4, 3}, {9, 9}, {24, 17}})
    for (const double share : {0.05, 0.3, 0.5, 0.7, 0.95, 1.0})
      for (int round = 0; round < 15; ++round) {
        const Mask mask = test::noise_mask(width, height, ++seed, share);
        const std::vector<Polygon> polygons = outlines(mask);
        ASSERT_EQ(rasterised(polygons, width, height).pixels, fill_holes(mask).pixels) << shown(mask);
        for (const Polygon& polygon : polygons) {
          ASSERT_TRUE(turns_at_every_corner(polygon)) << shown(mask);
          ASSERT_GT(twice_area(polygon), 0) << shown(mask);
        }
        for (std::size_t k = 1; k < polygons.size(); ++k)
          ASSERT_LT(std::pair(polygons[k - 1][1], polygons[k - 1][0]), std::pair(polygons[k][1], polygons[k][0]));
      }
}

TEST(Polygons, PixelsThatTouchByACornerAreOneRegion) {
  EXPECT_EQ(outlines(drawn({"#.", ".#"})), (std::vector<Polygon>{{0, 0, 1, 0, 1, 1, 2, 1, 2, 2, 1, 2, 1, 1, 0, 1}}));
  EXPECT_EQ(outlines(drawn({".#", "#."})), (std::vector<Polygon>{{1, 0, 2, 0, 2, 1, 1, 1, 1, 2, 0, 2, 0, 1, 1, 1}}));
}

TEST(Polygons, AHoleHasNoOutlineButAnIslandInItHas) {
  EXPECT_EQ(outlines(drawn({"###", "#.#", "###"})), (std::vector<Polygon>{{0, 0, 3, 0, 3, 3, 0, 3}}));
  EXPECT_EQ(outlines(drawn({"#####", "#...#", "#.#.#", "#...#", "#####"})),
            (std::vector<Polygon>{{0, 0, 5, 0, 5, 5, 0, 5}, {2, 2, 3, 2, 3, 3, 2, 3}}));
}

TEST(Polygons, ABoxHoldsThePixelsInside) {
  const std::vector<Polygon> polygons = outlines(drawn({"#....", "...#.", "..#.."}));
  ASSERT_EQ(polygons.size(), 2u);
  EXPECT_EQ(bounding_box(polygons[0]), (Box{0, 0, 1, 1}));
  EXPECT_EQ(bounding_box(polygons[1]), (Box{2, 1, 2, 2}));
}

TEST(Polygons, ThinPicturesAndNone) {
  EXPECT_EQ(outlines({1, 5000, std::vector<std::uint8_t>(5000, 1)}),
            (std::vector<Polygon>{{0, 0, 1, 0, 1, 5000, 0, 5000}}));
  EXPECT_EQ(outlines({5000, 1, std::vector<std::uint8_t>(5000, 1)}),
            (std::vector<Polygon>{{0, 0, 5000, 0, 5000, 1, 0, 1}}));
  EXPECT_TRUE(outlines({}).empty());
  EXPECT_TRUE(outlines(drawn({"."})).empty());
}

}  // namespace
}  // namespace ldznet

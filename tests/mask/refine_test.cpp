#include "ldznet/refine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/masks.h"

namespace ldznet {
namespace {

constexpr int kWide = 96;

/// Two colours with a slanted, wavy edge between them, and the pixels of the second one.
std::pair<Image, Mask> two_colours(std::uint8_t one, std::uint8_t other) {
  Image image = test::plain_picture(kWide, kWide, one);
  Mask mask{kWide, kWide, std::vector<std::uint8_t>(kWide * kWide)};
  for (int y = 0; y < kWide; ++y)
    for (int x = 0; x < kWide; ++x)
      if (x + y / 3.0 + 4 * std::sin(y / 7.0) > 60) {
        mask.pixels[y * kWide + x] = 1;
        image.rgb[(y * kWide + x) * 3] = other;
      }
  return {image, mask};
}

/// The mask's probabilities at an eighth of the size, enlarged.
Probability blurred(const Mask& mask) {
  Probability small{kWide / 8, kWide / 8, std::vector<float>(kWide * kWide / 64)};
  for (int y = 0; y < kWide; ++y)
    for (int x = 0; x < kWide; ++x)
      small.values[y / 8 * small.width + x / 8] += static_cast<float>(mask.pixels[y * kWide + x]) / 64;
  return resize(small, kWide, kWide);
}

std::size_t wrong_pixels(const Probability& map, const Mask& mask) {
  const Mask found = apply_threshold(map, 0.5);
  std::size_t count = 0;
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) count += found.pixels[i] != mask.pixels[i] ? 1 : 0;
  return count;
}

TEST(Refine, EdgesFollowThePicture) {
  const auto [image, mask] = two_colours(90, 200);
  const Probability map = blurred(mask);
  const std::size_t before = wrong_pixels(map, mask), after = wrong_pixels(Refiner(image, 8).refine(map), mask);
  EXPECT_GT(before, 50u);
  EXPECT_LT(after, before / 10);
}

TEST(Refine, AConstantMapStays) {
  const auto [image, mask] = two_colours(10, 250);
  const Refiner refiner(image, 4);
  for (const float value : {0.0F, 0.3F, 1.0F}) {
    const Probability map{kWide, kWide, std::vector<float>(kWide * kWide, value)};
    for (const float refined : refiner.refine(map).values) ASSERT_NEAR(refined, value, 1e-4F);
  }
}

TEST(Refine, AnySizeWorks) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 50}, {50, 1}, {2, 3}, {7, 33}, {0, 0}})
    for (const double reduction : {0.2, 1.0, 3.3, 20.0}) {
      const Image image = test::plain_picture(width, height, 77);
      Probability map{width, height, std::vector<float>(static_cast<std::size_t>(width) * height, 0.25F)};
      const Probability refined = Refiner(image, reduction).refine(map);
      ASSERT_EQ(refined.values.size(), map.values.size());
      for (const float value : refined.values) ASSERT_NEAR(value, 0.25F, 1e-4F) << width << " x " << height;
    }
}

}  // namespace
}  // namespace ldznet

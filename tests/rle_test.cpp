#include "mask/rle.h"

#include <gtest/gtest.h>

#include <random>

#include "ldznet/error.h"

namespace ldznet {
namespace {

using Runs = std::vector<std::uint32_t>;

Mask noise(int width, int height, unsigned seed, double share) {
  std::mt19937 random(seed);
  std::bernoulli_distribution inside(share);
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (auto& pixel : mask.pixels) pixel = inside(random) ? 1 : 0;
  return mask;
}

TEST(Rle, RunsGoDownTheColumnsAndZerosComeFirst) {
  EXPECT_EQ(run_lengths({3, 2, {0, 1, 0, 0, 1, 1}}), (Runs{2, 2, 1, 1}));
  EXPECT_EQ(run_lengths({2, 2, {1, 0, 0, 0}}), (Runs{0, 1, 3}));
  EXPECT_EQ(run_lengths({2, 2, {0, 0, 0, 0}}), (Runs{4}));
  EXPECT_EQ(run_lengths({2, 2, {1, 1, 1, 1}}), (Runs{0, 4}));
}

// The strings are pycocotools' own: mask.encode(numpy.asfortranarray(m))["counts"].
TEST(Rle, StringsAreCocos) {
  EXPECT_EQ(encode_rle({1, 1, {0}}), "1");
  EXPECT_EQ(encode_rle({1, 1, {1}}), "01");
  EXPECT_EQ(encode_rle({3, 2, {0, 1, 0, 0, 1, 1}}), "221O");
  Mask column{1, 200, std::vector<std::uint8_t>(200, 0)};
  for (int y = 60; y < 188; ++y) column.pixels[y] = 1;
  EXPECT_EQ(encode_rle(column), "l1P4<");
}

TEST(Rle, DecodingGivesTheMaskBack) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5000}, {5000, 1}, {64, 48}, {333, 111}})
    for (const double share : {0.0, 0.01, 0.5, 1.0}) {
      const Mask mask = noise(width, height, 7, share);
      EXPECT_EQ(decode_rle(encode_rle(mask), width, height).pixels, mask.pixels) << width << "x" << height;
      EXPECT_EQ(mask_from_runs(run_lengths(mask), width, height).pixels, mask.pixels);
    }
}

TEST(Rle, WhatIsNoMaskOfThisSizeIsRefused) {
  for (const char* counts : {"", "2", "5", "l1P4<", "~", " 4", "4\x7f", "PPPPPPPPPPPPPPPPPPPPPPPP", "o"}) {
    EXPECT_THROW(decode_rle(counts, 2, 2), Error) << counts;
  }
  EXPECT_THROW(mask_from_runs(Runs{1, 2}, 2, 2), Error);
  EXPECT_THROW(mask_from_runs(Runs{4294967295u, 5}, 2, 2), Error);
}

}  // namespace
}  // namespace ldznet

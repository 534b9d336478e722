#include "ldznet/rle.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "ldznet/error.h"
#include "ldznet/mask.h"
#include "support/ppm.h"

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

/// The mask that make_rle.py wrote as hex, eight pixels a byte.
Mask unpacked(const nlohmann::json& sample) {
  Mask mask{sample.at("width"), sample.at("height"), {}};
  const std::string rows = sample.at("rows");
  for (std::size_t i = 0; i < static_cast<std::size_t>(mask.width) * mask.height; ++i) {
    const int byte = std::stoi(rows.substr(i / 8 * 2, 2), nullptr, 16);
    mask.pixels.push_back(static_cast<std::uint8_t>(byte >> (7 - i % 8) & 1));
  }
  return mask;
}

// The masks, strings, areas and boxes of tests/data/make_rle.py.
TEST(Rle, EqualsPycocotoolsOnEveryMask) {
  std::ifstream file(test::data_folder() / "rle.json");
  int compared = 0, with_backslash = 0;
  for (const nlohmann::json& sample : nlohmann::json::parse(file)) {
    const Mask mask = unpacked(sample);
    const std::string counts = sample.at("counts");
    const std::string name = sample.at("name").get<std::string>() + " " + std::to_string(mask.width);
    EXPECT_EQ(encode_rle(mask), counts) << name;
    EXPECT_EQ(decode_rle(counts, mask.width, mask.height).pixels, mask.pixels) << name;
    const MaskMeasures found = measure({mask.width, mask.height, std::vector<float>(mask.pixels.size())}, mask);
    EXPECT_EQ(found.area, sample.at("area").get<std::int64_t>()) << name;
    const std::vector<int> box = sample.at("box");
    EXPECT_EQ(found.box, (Box{box[0], box[1], box[2], box[3]})) << name;
    with_backslash += counts.find('\\') != std::string::npos ? 1 : 0;
    ++compared;
  }
  EXPECT_GE(compared, 100);
  EXPECT_GE(with_backslash, 5);
}

TEST(Rle, EveryCutOfAStringIsRefused) {
  const Mask mask = noise(40, 30, 3, 0.3);
  const std::string counts = encode_rle(mask);
  for (std::size_t length = 0; length < counts.size(); ++length)
    EXPECT_THROW(decode_rle(counts.substr(0, length), 40, 30), Error) << length;
  EXPECT_THROW(decode_rle(counts + "1", 40, 30), Error);
  EXPECT_THROW(decode_rle(counts, 41, 30), Error);
  EXPECT_THROW(decode_rle(counts, -40, -30), Error);
  EXPECT_THROW(decode_rle("4\n", 2, 2), Error);
  EXPECT_THROW(decode_rle("4\xff", 2, 2), Error);
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

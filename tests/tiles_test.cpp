#include "ldznet/tiles.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/pipelines.h"

namespace ldznet {
namespace {

using namespace test;

const std::vector<std::string> kPrompts = {"panda", "dog", "red"};

std::vector<Probability> tiled(const Pipeline& pipeline, const Image& image, const TileOptions& options) {
  std::vector<Probability> maps;
  segment_tiles(pipeline, image, kPrompts, options, [&](std::size_t i, Probability map) {
    EXPECT_EQ(i, maps.size());
    maps.push_back(std::move(map));
  });
  return maps;
}

Image part(const Image& image, int left, int top, int side) {
  Image cut{side, side, {}, {}};
  for (int y = top; y < top + side; ++y)
    for (int x = left * 3; x < (left + side) * 3; ++x) cut.rgb.push_back(image.rgb[y * image.width * 3 + x]);
  return cut;
}

TEST(Tiles, SeveralImagesGiveWhatEachGivesAlone) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu({"ldznet", "znet", "rgbnet"}));
  const Image image = picture(200, 160);
  const std::vector<Image> parts = {part(image, 0, 0, 90), part(image, 50, 30, 90), part(image, 110, 70, 90)};
  const EncodedImage together = pipeline.encode(parts);
  EXPECT_NEAR(together.reduction(), pipeline.encode(parts[0]).reduction(), 1e-9);
  for (const char* method : {"ldznet", "znet", "rgbnet"}) {
    SegmentOptions options;
    options.method = method;
    options.samples = 2;
    const auto maps = pipeline.segment(together, kPrompts, options);
    ASSERT_EQ(maps.size(), 9u);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto alone = pipeline.segment(pipeline.encode(parts[k]), kPrompts, options);
      for (std::size_t p = 0; p < 3; ++p) EXPECT_LE(distance(maps[p * 3 + k], alone[p]), 1e-5) << method;
    }
  }
}

TEST(Tiles, APictureThatFitsIntoOneIsSegmentedAsUsual) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const Image image = picture(128, 100);
  const auto plain = pipeline.segment(pipeline.encode(image), kPrompts);
  const auto maps = tiled(pipeline, image, {.side = 128, .progress = {}});
  for (std::size_t p = 0; p < 3; ++p) EXPECT_EQ(maps[p].values, plain[p].values);
}

TEST(Tiles, BatchesMakeNoDifferenceAndProgressCountsAllTiles) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const Image image = picture(300, 170);
  std::vector<Probability> first;
  for (const int batch_size : {8, 1, 2, 3}) {
    TileOptions options{.side = 128, .progress = {}};
    options.segment.batch_size = batch_size;
    std::vector<std::size_t> seen;
    options.progress = [&](std::size_t done, std::size_t all) {
      EXPECT_LT(seen.empty() ? 0 : seen.back(), done);
      seen.push_back(done);
      EXPECT_EQ(all, std::size_t{3 * 2} * ((3 + batch_size - 1) / batch_size));
      if (done == all) seen.push_back(0);
    };
    const auto maps = tiled(pipeline, image, options);
    ASSERT_EQ(maps.size(), 3u);
    EXPECT_EQ(seen.back(), 0u);
    if (first.empty()) first = maps;
    for (std::size_t p = 0; p < 3; ++p) {
      EXPECT_EQ(maps[p].values.size(), std::size_t{300 * 170});
      EXPECT_LE(distance(maps[p], first[p]), 1e-5) << batch_size;
    }
  }
}

TEST(Tiles, ACornerIsThatOfItsTile) {
  const Pipeline pipeline = Pipeline::load(toy().directory(), cpu());
  const Image image = picture(300, 170);
  const auto maps = tiled(pipeline, image, {.side = 128, .progress = {}});
  const auto corner = pipeline.segment(pipeline.encode(part(image, 0, 0, 128)), kPrompts);
  const auto whole = pipeline.segment(pipeline.encode(image), kPrompts);
  for (std::size_t p = 0; p < 3; ++p)
    for (int i = 0; i < 20; ++i) {
      const float low = corner[p].values[i], high = std::max(low, whole[p].values[i]);
      EXPECT_GE(maps[p].values[i], low - 1e-5F);
      EXPECT_LE(maps[p].values[i], high + 1e-5F);
    }
}

}  // namespace
}  // namespace ldznet

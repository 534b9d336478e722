#include "image/format/tiff.h"

#include <gtest/gtest.h>

#include <string>

#include "support/pictures.h"
#include "support/tiff_bytes.h"

namespace ldznet {
namespace {

using test::TiffBytes;
using Fields = std::vector<test::TiffField>;

constexpr std::uint16_t kReduced = 254, kWidth = 256, kHeight = 257, kPhotometric = 262, kSubIfds = 330;

Fields page(std::uint32_t width, Fields more = {}) {
  Fields fields = {{kWidth, 4, width}, {kHeight, 3, 50}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

TEST(Tiff, FieldsInEveryLayout) {
  for (const TiffBytes layout :
       {TiffBytes{false, false}, TiffBytes{true, false}, TiffBytes{false, true}, TiffBytes{true, true}}) {
    const std::string file = layout.file({page(70000), page(3)});
    const auto directory = TiffDirectory::first(test::bytes(file));
    ASSERT_TRUE(directory);
    EXPECT_EQ(directory->number(kWidth), 70000U);
    EXPECT_EQ(directory->number(kHeight), 50U);
    EXPECT_FALSE(directory->has(kPhotometric));
    const auto second = directory->next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->number(kWidth), 3U);
    EXPECT_FALSE(second->next());
  }
}

TEST(Tiff, TheFirstPageThatIsNoReducedOne) {
  const TiffBytes layout;
  const auto info = [&](const std::vector<Fields>& pages) {
    return read_tiff_info(test::bytes(layout.file(pages))).value();
  };
  EXPECT_EQ(info({page(10), page(20)}).width, 10U);
  EXPECT_TRUE(info({page(10), page(20)}).more_pages);
  const TiffInfo behind = info({page(10, {{kReduced, 4, 1}}), page(80)});
  EXPECT_EQ(behind.page, 1);
  EXPECT_EQ(behind.width, 80U);
  EXPECT_FALSE(behind.more_pages);
  EXPECT_FALSE(info({page(80), page(40, {{kReduced, 4, 1}})}).more_pages);
  EXPECT_EQ(info({page(10, {{kReduced, 4, 1}})}).width, 10U);
}

TEST(Tiff, ALoopOfPagesEnds) {
  const std::string file = TiffBytes().file({page(8)}, 8);
  EXPECT_FALSE(read_tiff_info(test::bytes(file))->more_pages);
}

TEST(Tiff, RawPhotographs) {
  const TiffBytes layout;
  const auto raw = [](const std::string& file) {
    const auto info = read_tiff_info(test::bytes(file));
    return std::string(info && info->raw != nullptr ? info->raw : "");
  };
  EXPECT_EQ(raw(layout.file({page(10)})), "");
  EXPECT_EQ(raw(layout.file({page(10, {{50706, 4, 0x104}})})), "DNG");
  EXPECT_EQ(raw(layout.file({page(10), page(80, {{kPhotometric, 3, 32803}})})), "of a camera");
  const Fields preview = page(10, {{kReduced, 4, 1}, {kSubIfds, 4, 0}});
  for (const auto& field : {test::TiffField{kPhotometric, 3, 32803}, {259, 3, 34713}, {259, 3, 32767}}) {
    Fields first = preview;
    first.back().value = layout.header_size() + layout.directory_size(first.size());
    EXPECT_EQ(raw(layout.file({first}) + layout.directory(page(80, {field}), 0)), "of a camera");
  }
  EXPECT_EQ(raw(std::string("II*\0\x10\0\0\0CR\2\0\0\0\0\0", 16) + layout.directory(page(10), 0)), "Canon CR2");
}

TEST(Tiff, AlphaByItsExtraSample) {
  const auto alpha = [](std::uint64_t extra) {
    return read_tiff_info(test::bytes(TiffBytes().file({page(10, {{338, 3, extra}})})))->alpha;
  };
  EXPECT_FALSE(alpha(0));
  EXPECT_TRUE(alpha(1));
  EXPECT_TRUE(alpha(2));
  const auto unnamed = [](std::uint64_t samples) {
    return read_tiff_info(test::bytes(TiffBytes().file({page(10, {{262, 3, 2}, {277, 3, samples}})})))->alpha;
  };
  EXPECT_TRUE(unnamed(4));
  EXPECT_FALSE(unnamed(3));
  EXPECT_FALSE(unnamed(5));
}

TEST(Tiff, LayoutsThatVipsDoesNotRead) {
  const auto reads = [](Fields fields) {
    return read_tiff_info(test::bytes(TiffBytes().file({page(10, std::move(fields))})))->vips_reads;
  };
  constexpr std::uint16_t kBits = 258, kCompression = 259, kPlanar = 284, kTileWidth = 322;
  EXPECT_TRUE(reads({}));
  EXPECT_TRUE(reads({{kPlanar, 3, 2}}));
  EXPECT_TRUE(reads({{kPlanar, 3, 1}, {kTileWidth, 3, 16}}));
  EXPECT_FALSE(reads({{kPlanar, 3, 2}, {kTileWidth, 3, 16}}));
  EXPECT_TRUE(reads({{kBits, 3, 16}}));
  EXPECT_FALSE(reads({{kBits, 3, 12}}));
  EXPECT_TRUE(reads({{kCompression, 3, 7}, {kPhotometric, 3, 6}}));
  EXPECT_FALSE(reads({{kCompression, 3, 6}, {kPhotometric, 3, 6}}));
}

TEST(Tiff, DamagedStructuresHaveNothing) {
  for (const bool big_tiff : {false, true}) {
    const TiffBytes layout{false, big_tiff};
    const std::string whole = layout.file({page(70000), page(3)});
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto info = read_tiff_info(test::bytes(whole).first(length));
      if (info) {
        EXPECT_EQ(info->width, 70000U) << length;
      }
      EXPECT_TRUE(length >= layout.header_size() || !info) << length;
    }
  }
  EXPECT_FALSE(read_tiff_info({}));
}

std::string exif(bool big, std::uint32_t orientation) {
  return TiffBytes{.big_endian = big}.file({{{0x0112, 3, orientation}}});
}

TEST(Exif, OrientationWithAndWithoutThePrefix) {
  for (std::uint32_t value = 1; value <= 8; ++value) {
    EXPECT_EQ(exif_orientation(test::bytes(exif(false, value))), static_cast<int>(value));
    EXPECT_EQ(exif_orientation(test::bytes(std::string("Exif\0\0", 6) + exif(true, value))), static_cast<int>(value));
  }
  for (const std::uint32_t value : {0U, 9U, 65535U})
    EXPECT_EQ(exif_orientation(test::bytes(exif(false, value))), 1) << value;
  EXPECT_EQ(exif_orientation({}), 1);
}

TEST(Exif, DamagedStructuresHaveNone) {
  const std::string whole = exif(false, 6);
  for (std::size_t length = 0; length < 20; ++length)  // the value is at 18
    EXPECT_EQ(exif_orientation(test::bytes(whole.substr(0, length))), 1) << length;
  EXPECT_EQ(exif_orientation(test::bytes("XX" + whole.substr(2))), 1);
}

}  // namespace
}  // namespace ldznet

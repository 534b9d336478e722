#include "image/format/content.h"

#include <gtest/gtest.h>

#include <string>

#include "support/pictures.h"

namespace ldznet {
namespace {

std::optional<PictureType> type(const std::string& content) { return sniff(test::bytes(content)); }

TEST(Sniff, ByContent) {
  EXPECT_EQ(type("\x89PNG\r\n\x1a\n"), PictureType::png);
  EXPECT_EQ(type("\xFF\xD8\xFF"), PictureType::jpeg);
  EXPECT_EQ(type("RIFF1234WEBP"), PictureType::webp);
  EXPECT_EQ(type("GIF87a"), PictureType::gif);
  EXPECT_EQ(type("GIF89a"), PictureType::gif);
  for (const char* mark : {"II*", "MM", "II+"}) {
    const std::string whole = mark == std::string("MM") ? std::string("MM\0*", 4) : mark + std::string(1, '\0');
    EXPECT_EQ(type(whole), PictureType::tiff) << mark;
  }
  EXPECT_EQ(type(std::string("\0\0\0\x18"
                             "ftypmif1\0\0\0\0mif1heic",
                             24)),
            PictureType::heic);
  EXPECT_EQ(type(std::string("\0\0\0\x1C"
                             "ftypavif\0\0\0\0avifmif1miaf",
                             28)),
            PictureType::avif);
  EXPECT_EQ(type("\xFF\x0A"), PictureType::jxl);
  EXPECT_EQ(type("\xFF\x4F\xFF\x51"), PictureType::jp2);
  for (const char* other : {"", "P7 3 2 255", "P6", "Pandas", "BMW is a car, not a picture"})
    EXPECT_EQ(type(other), std::nullopt) << other;
}

TEST(Sniff, EveryTestPicture) {
  for (const auto& [name, expected] : {std::pair("rgb.gif", PictureType::gif),
                                       {"rgb.jp2", PictureType::jp2},
                                       {"rgb.jxl", PictureType::jxl},
                                       {"smooth.heic", PictureType::heic},
                                       {"smooth.avif", PictureType::avif},
                                       {"rgb.bmp", PictureType::bmp}}) {
    EXPECT_EQ(type(test::picture(name)), expected) << name;
  }
}

TEST(Sniff, PnmNeedsItsNumbers) {
  for (const char* picture : {"P6 3 2 255", "P5#comment", "P4\n# a\n# b\n3 2\n", "P2 1 1 65535 7", "P5 3 2"})
    EXPECT_EQ(type(picture), PictureType::pnm) << picture;
  for (const char* text : {"P5 is a size of paper", "P1: first page", "P6 3 x 2", "P6 3 2 255x", "P6 3 2 0 ",
                           "P6 3 2 65536 ", "P6 -3 2 255 ", "P3 1.5 2 255 "})
    EXPECT_EQ(type(text), std::nullopt) << text;
}

TEST(UnsupportedKind, HasAName) {
  EXPECT_EQ(unsupported_kind(test::bytes("%PDF-1.7")), "a PDF document");
  EXPECT_EQ(unsupported_kind(test::bytes("<?xml version=\"1.0\"?><svg/>")), "an SVG drawing");
  EXPECT_EQ(unsupported_kind(test::bytes("<!DOCTYPE html><title>404</title>")), "a web page");
  EXPECT_EQ(unsupported_kind(test::bytes("push graphic-context\n")), "text");
  EXPECT_EQ(unsupported_kind(test::bytes("IIRO....")), "a raw photograph (Olympus ORF)");
  EXPECT_EQ(unsupported_kind(test::bytes(std::string("\x01\x02\0\x03", 4))), "");
}

TEST(PictureTypes, HaveNames) {
  EXPECT_STREQ(name(PictureType::png), "PNG");
  EXPECT_STREQ(name(PictureType::pnm), "PNM");
  EXPECT_STREQ(name(PictureType::jp2), "JPEG 2000");
}

}  // namespace
}  // namespace ldznet

#include "base/base64.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace ldznet {
namespace {

TEST(Base64, ExamplesOfRfc4648) {
  const std::pair<const char*, const char*> pairs[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : pairs) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, RoundTripsEveryByte) {
  std::string bytes;
  for (int k = 0; k < 1000; ++k) bytes += static_cast<char>(k * 7 % 256);
  EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
}

TEST(Base64, IgnoresLineBreaks) { EXPECT_EQ(decode_base64("Zm9v\r\nYmFy\n"), "foobar"); }

TEST(Base64, RefusesOtherText) {
  for (const char* text : {"Zm9", "Zm9v!", "Zm-v", "Zg==Zg==", "====", "Zm9vY", "Z m9v"})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace ldznet

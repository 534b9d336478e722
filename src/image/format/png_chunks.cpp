#include "image/format/png_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/format/bytes.h"
#include "image/format/tiff.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLongestText = std::size_t{1} << 20;  // bytes of a text chunk that holds an EXIF block

std::string_view view(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Decompresses at most kLongestText bytes.
std::string inflated(std::string_view compressed) {
  std::string text(kLongestText, '\0');
  uLongf length = text.size();
  const int result = uncompress(reinterpret_cast<Bytef*>(text.data()), &length,
                                reinterpret_cast<const Bytef*>(compressed.data()), compressed.size());
  text.resize(result == Z_OK ? length : 0);
  return text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The bytes of a "raw profile", ImageMagick's way to put a block of bytes into text: a name, a length, hexadecimal
/// digits.
std::vector<std::byte> raw_profile(std::string_view text) {
  const auto skip = [&text](std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  };
  skip("\n");
  text.remove_prefix(std::min(text.find('\n'), text.size()));  // the name
  skip("\n ");
  text.remove_prefix(std::min(text.find('\n'), text.size()));  // the length
  std::vector<std::byte> bytes;
  int high = -1;
  for (const char c : text) {
    const int value = digit(c);
    if (value < 0) continue;
    if (high >= 0) bytes.push_back(static_cast<std::byte>(high << 4 | value));
    high = high >= 0 ? -1 : value;
  }
  return bytes;
}

/// The text of a tEXt or zTXt chunk that holds an EXIF block; else empty.
std::string exif_text(std::string_view kind, std::string_view body) {
  for (const auto keyword : {"Raw profile type exif\0"sv, "Raw profile type APP1\0"sv}) {
    if (!body.starts_with(keyword)) continue;
    const std::string_view text = body.substr(keyword.size());
    if (kind == "tEXt") return std::string(text);
    if (kind == "zTXt" && !text.empty()) return inflated(text.substr(1));  // behind the compression method
  }
  return {};
}

}  // namespace

PngChunks read_png_chunks(std::span<const std::byte> encoded) {
  constexpr std::size_t kSignature = 8, kColorTypeAt = 25;
  constexpr std::uint32_t kIndexed = 3;  // other colour types may suggest a palette that their pixels do not use
  const Bytes bytes(encoded);
  const bool indexed = bytes.big(kColorTypeAt, 1) == kIndexed;
  PngChunks chunks;
  bool found = false;
  for (std::size_t at = kSignature; at + 8 <= bytes.size();) {
    const std::size_t length = *bytes.big(at, 4);
    const std::string_view kind = view(bytes.part(at + 4, 4));
    const auto body = bytes.part(at + 8, length);
    if (kind == "PLTE" && indexed && chunks.palette.empty()) chunks.palette = body;
    if (kind == "acTL") chunks.animated = Bytes(body).big(0, 4).value_or(1) > 1;
    if (kind == "eXIf") {
      chunks.orientation = exif_orientation(body);
      found = true;
    } else if (!found) {
      const std::string text = exif_text(kind, view(body));
      if (!text.empty()) chunks.orientation = exif_orientation(raw_profile(text));
    }
    if (kind == "IEND") break;
    at += 12 + length;
  }
  return chunks;
}

}  // namespace ldznet

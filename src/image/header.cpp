#include "image/header.h"

#include <zlib.h>

#include <cctype>
#include <string_view>

#include "image/bytes.h"
#include "image/exif.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;

std::optional<Header> read_png(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  const auto width = bytes.big(16, 4), height = bytes.big(20, 4);
  if (!bytes.has(12, "IHDR"sv) || !width || !height) return std::nullopt;
  Header header{.type = PictureType::png, .width = *width, .height = *height};
  header.complete = false;
  for (std::size_t at = kPngSignature.size();;) {
    const auto length = bytes.big(at, 4);
    const auto checksum = length ? bytes.big(at + 8 + *length, 4) : std::nullopt;
    if (!checksum) break;
    const auto body = bytes.part(at + 4, 4 + std::size_t{*length});
    const bool ancillary = (std::to_integer<int>(body[0]) & 0x20) != 0;
    if (!ancillary && crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size()) != *checksum) break;
    if (bytes.has(at + 4, "eXIf"sv)) header.orientation = exif_orientation(body.subspan(4));
    if (bytes.has(at + 4, "acTL"sv) && bytes.big(at + 8, 4).value_or(1) > 1)
      header.frame_kind = "frame of the animation";
    if (bytes.has(at + 4, "IEND"sv)) {
      header.complete = true;
      break;
    }
    at += 12 + std::size_t{*length};
  }
  return header;
}

std::optional<Header> read_jpeg(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  Header header{.type = PictureType::jpeg};
  header.complete = false;
  for (std::size_t at = 2; at < bytes.size();) {
    if (bytes.big(at, 1) != 0xFF) return std::nullopt;
    while (bytes.big(at, 1) == 0xFF) ++at;  // any number of fill bytes may precede a marker
    const std::uint32_t marker = bytes.big(at++, 1).value_or(0xD9);
    if (marker == 0xD9) break;
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    const auto length = bytes.big(at, 2);
    if (!length || *length < 2) break;
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      header.height = bytes.big(at + 3, 2).value_or(0);
      header.width = bytes.big(at + 5, 2).value_or(0);
    }
    if (marker == 0xE1 && bytes.has(at + 2, "Exif\0\0"sv)) {
      header.orientation = exif_orientation(bytes.part(at + 2, *length - 2));
    }
    at += *length;
    if (marker == 0xDA) {  // the scan reaches to the end marker
      const auto rest = bytes.part(at, bytes.size());
      const std::string_view scan(reinterpret_cast<const char*>(rest.data()), rest.size());
      header.complete = scan.find("\xFF\xD9"sv) != std::string_view::npos;
      break;
    }
  }
  if (header.width == 0 || header.height == 0) return std::nullopt;
  return header;
}

std::optional<Header> read_webp(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  Header header{.type = PictureType::webp};
  const std::size_t end = 8 + std::size_t{bytes.little(4, 4).value_or(0)};
  header.complete = bytes.size() >= end;
  for (std::size_t at = 12; at + 8 <= bytes.size() && at < end;) {
    const std::size_t length = bytes.little(at + 4, 4).value_or(0), body = at + 8;
    if (bytes.has(at, "VP8X"sv)) {
      header.width = std::size_t{bytes.little(body + 4, 3).value_or(0)} + 1;
      header.height = std::size_t{bytes.little(body + 7, 3).value_or(0)} + 1;
    } else if (bytes.has(at, "VP8 "sv) && header.width == 0) {
      header.width = bytes.little(body + 6, 2).value_or(0) & 0x3FFF;
      header.height = bytes.little(body + 8, 2).value_or(0) & 0x3FFF;
    } else if (bytes.has(at, "VP8L"sv) && header.width == 0) {
      const std::uint32_t bits = bytes.little(body + 1, 4).value_or(0);
      header.width = (bits & 0x3FFF) + 1;
      header.height = ((bits >> 14) & 0x3FFF) + 1;
    } else if (bytes.has(at, "EXIF"sv)) {
      header.orientation = exif_orientation(bytes.part(body, length));
    } else if (bytes.has(at, "ANMF"sv)) {
      if (header.first_frame_length != 0) header.frame_kind = "frame of the animation";
      if (header.first_frame_length == 0) {
        header.first_frame_at = body;
        header.first_frame_length = length;
      }
    }
    at = body + length + (length & 1);
  }
  if (header.width == 0 || header.height == 0) return std::nullopt;
  return header;
}

std::optional<Header> read_bmp(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  const bool core = bytes.little(14, 4) == 12U;  // BITMAPCOREHEADER, with 16-bit sides
  const auto width = core ? bytes.little(18, 2) : bytes.little(18, 4);
  const auto height = core ? bytes.little(20, 2) : bytes.little(22, 4);
  if (!width || !height) return std::nullopt;
  const auto rows = core ? std::int64_t{*height} : std::int64_t{static_cast<std::int32_t>(*height)};
  if (*width == 0 || rows == 0) return std::nullopt;
  Header header{
      .type = PictureType::bmp, .width = *width, .height = static_cast<std::uint64_t>(rows < 0 ? -rows : rows)};
  const std::uint64_t bits = bytes.little(core ? 24 : 28, 2).value_or(0);
  if (core || bytes.little(30, 4).value_or(0) == 0) {  // uncompressed, so the file's size is known
    const std::uint64_t stride = (header.width * bits + 31) / 32 * 4;
    header.complete = bytes.size() >= bytes.little(10, 4).value_or(0) + stride * header.height;
  }
  return header;
}

std::optional<Header> read_tiff(std::span<const std::byte> encoded) {
  const auto width = tiff_field(encoded, 0x0100), height = tiff_field(encoded, 0x0101);
  if (!width || !height || *width == 0 || *height == 0) return std::nullopt;
  Header header{.type = PictureType::tiff, .width = *width, .height = *height};
  header.orientation = exif_orientation(encoded);
  if (tiff_has_more_pages(encoded)) header.frame_kind = "page";
  return header;
}

std::optional<Header> read_pnm(std::span<const std::byte> encoded) {
  std::uint64_t sides[2] = {0, 0};
  std::size_t at = 2;
  const auto character = [&](std::size_t i) { return i < encoded.size() ? std::to_integer<int>(encoded[i]) : -1; };
  for (std::uint64_t& side : sides) {
    while (std::isspace(character(at)) != 0 || character(at) == '#') {
      if (character(at) == '#') {
        while (character(at) != '\n' && character(at) >= 0) ++at;
      } else {
        ++at;
      }
    }
    for (; std::isdigit(character(at)) != 0 && side < 1'000'000'000; ++at) side = side * 10 + (character(at) - '0');
  }
  if (sides[0] == 0 || sides[1] == 0) return std::nullopt;
  return Header{.type = PictureType::pnm, .width = sides[0], .height = sides[1]};
}

}  // namespace

const char* name(PictureType type) {
  switch (type) {
    case PictureType::png:
      return "PNG";
    case PictureType::jpeg:
      return "JPEG";
    case PictureType::webp:
      return "WebP";
    case PictureType::bmp:
      return "BMP";
    case PictureType::tiff:
      return "TIFF";
    case PictureType::pnm:
      return "PNM";
  }
  return "";
}

std::optional<PictureType> sniff(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  if (bytes.has(0, kPngSignature)) return PictureType::png;
  if (bytes.has(0, "\xFF\xD8\xFF"sv)) return PictureType::jpeg;
  if (bytes.has(0, "RIFF"sv) && bytes.has(8, "WEBP"sv)) return PictureType::webp;
  if (bytes.has(0, "BM"sv) && bytes.size() >= 26 && bytes.little(14, 4).value_or(0) <= 124) return PictureType::bmp;
  if (bytes.has(0, "II*\0"sv) || bytes.has(0, "MM\0*"sv)) return PictureType::tiff;
  if (bytes.has(0, "P"sv) && bytes.size() > 7) {
    const std::uint32_t kind = *bytes.big(1, 1), next = *bytes.big(2, 1);
    if (kind >= '1' && kind <= '6' && (std::isspace(static_cast<int>(next)) != 0 || next == '#'))
      return PictureType::pnm;
  }
  return std::nullopt;
}

std::optional<Header> read_header(std::span<const std::byte> encoded, PictureType type) {
  switch (type) {
    case PictureType::png:
      return read_png(encoded);
    case PictureType::jpeg:
      return read_jpeg(encoded);
    case PictureType::webp:
      return read_webp(encoded);
    case PictureType::bmp:
      return read_bmp(encoded);
    case PictureType::tiff:
      return read_tiff(encoded);
    case PictureType::pnm:
      return read_pnm(encoded);
  }
  return std::nullopt;
}

}  // namespace ldznet

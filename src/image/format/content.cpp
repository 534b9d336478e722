#include "image/format/content.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "image/format/bytes.h"
#include "image/format/pnm.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

/// HEIC or AVIF by the brands in an ISO file's first box.
std::optional<PictureType> sniff_heif(const Bytes& bytes) {
  if (!bytes.has(4, "ftyp"sv)) return std::nullopt;
  constexpr std::size_t kMostBrands = 64;
  const std::size_t end = std::min<std::size_t>(bytes.big(0, 4).value_or(0), 16 + 4 * kMostBrands);
  for (std::size_t at = 8; at + 4 <= end; at += 4) {
    for (const auto brand : {"avif"sv, "avis"sv})
      if (bytes.has(at, brand)) return PictureType::avif;
    for (const auto brand : {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv})
      if (bytes.has(at, brand)) return PictureType::heic;
  }
  return std::nullopt;
}

/// Text, as far as the first kilobyte shows: no control characters but white space.
bool is_text(std::span<const std::byte> encoded) {
  constexpr std::size_t kLooked = 1024;
  const auto start = encoded.first(std::min(encoded.size(), kLooked));
  return std::all_of(start.begin(), start.end(), [](std::byte byte) {
    const int character = std::to_integer<int>(byte);
    return (character >= 32 && character != 127) || std::isspace(character) != 0;
  });
}

bool contains(std::span<const std::byte> encoded, std::string_view text) {
  const std::string_view all(reinterpret_cast<const char*>(encoded.data()),
                             std::min<std::size_t>(encoded.size(), 1024));
  return all.find(text) != std::string_view::npos;
}

}  // namespace

const char* name(PictureType type) {
  constexpr std::array kNames = {"PNG", "JPEG", "WebP", "BMP",     "TIFF",     "PNM",
                                 "GIF", "HEIC", "AVIF", "JPEG XL", "JPEG 2000"};
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<PictureType> sniff(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  if (bytes.has(0, "\x89PNG\r\n\x1a\n"sv)) return PictureType::png;
  if (bytes.has(0, "\xFF\xD8\xFF"sv)) return PictureType::jpeg;
  if (bytes.has(0, "RIFF"sv) && bytes.has(8, "WEBP"sv)) return PictureType::webp;
  if (bytes.has(0, "BM"sv) && bytes.size() >= 26 && bytes.little(14, 4).value_or(0) <= 124) return PictureType::bmp;
  for (const auto mark : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (bytes.has(0, mark)) return PictureType::tiff;
  if (bytes.has(0, "GIF87a"sv) || bytes.has(0, "GIF89a"sv)) return PictureType::gif;
  if (bytes.has(0, "\xFF\x0A"sv) || bytes.has(0, "\0\0\0\x0CJXL \r\n\x87\n"sv)) return PictureType::jxl;
  if (bytes.has(0, "\xFF\x4F\xFF\x51"sv) || bytes.has(0, "\0\0\0\x0CjP  \r\n\x87\n"sv)) return PictureType::jp2;
  if (const auto heif = sniff_heif(bytes)) return heif;
  if (read_pnm_header(encoded)) return PictureType::pnm;
  return std::nullopt;
}

std::string unsupported_kind(std::span<const std::byte> encoded) {
  struct Kind {
    std::size_t at;
    std::string_view mark;
    const char* kind;
  };
  constexpr std::array kKinds = {
      Kind{0, "%PDF"sv, "a PDF document"},
      Kind{0, "%!PS"sv, "a PostScript document"},
      Kind{0, "8BPS"sv, "a Photoshop document"},
      Kind{0, "gimp xcf"sv, "a GIMP document"},
      Kind{0, "\0\0\1\0"sv, "an icon (ICO)"},
      Kind{0, "qoif"sv, "a QOI picture"},
      Kind{0, "P7\n"sv, "a PAM picture"},
      Kind{0, "\x76\x2f\x31\x01"sv, "an OpenEXR picture"},
      Kind{0, "#?RADIANCE"sv, "a Radiance picture"},
      Kind{0, "SIMPLE  ="sv, "a FITS file"},
      Kind{0, "MATLAB"sv, "a MATLAB file"},
      Kind{128, "DICM"sv, "a DICOM file"},
      Kind{0, "FUJIFILMCCD-RAW"sv, "a raw photograph (Fujifilm RAF)"},
      Kind{0, "IIRO"sv, "a raw photograph (Olympus ORF)"},
      Kind{0, "MMOR"sv, "a raw photograph (Olympus ORF)"},
      Kind{0, "IIU\0"sv, "a raw photograph (Panasonic RW2)"},
      Kind{4, "ftypcrx "sv, "a raw photograph (Canon CR3)"},
      Kind{0, "\0MRM"sv, "a raw photograph (Minolta MRW)"},
      Kind{0, "FOVb"sv, "a raw photograph (Sigma X3F)"},
      Kind{4, "ftyp"sv, "a film"},
      Kind{0, "\x1A\x45\xDF\xA3"sv, "a film"},
      Kind{0, "PK\3\4"sv, "a ZIP archive"},
      Kind{0, "\x1F\x8B"sv, "a compressed file"},
  };
  const Bytes bytes(encoded);
  for (const Kind& kind : kKinds)
    if (bytes.has(kind.at, kind.mark)) return kind.kind;
  if (!is_text(encoded)) return "";
  if (contains(encoded, "<svg")) return "an SVG drawing";
  return contains(encoded, "<html") || contains(encoded, "<!DOCTYPE html") ? "a web page" : "text";
}

}  // namespace ldznet

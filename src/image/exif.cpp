#include "image/exif.h"

#include <string_view>

#include "image/bytes.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t kOrientation = 0x0112;
constexpr std::uint32_t kShort = 3, kLong = 4;  // TIFF field types

struct Directory {
  bool big_endian = false;
  std::size_t at = 0;  ///< offset of the first entry
  std::uint32_t entries = 0;
};

std::optional<Directory> first_directory(const Bytes& bytes) {
  const bool little = bytes.has(0, "II*\0"sv), big = bytes.has(0, "MM\0*"sv);
  if (!little && !big) return std::nullopt;
  const auto at = bytes.number(4, 4, big);
  const auto entries = at ? bytes.number(*at, 2, big) : std::nullopt;
  if (!entries) return std::nullopt;
  return Directory{big, *at + std::size_t{2}, *entries};
}

}  // namespace

std::optional<std::uint32_t> tiff_field(std::span<const std::byte> tiff, std::uint16_t tag) {
  const Bytes bytes(tiff);
  const auto directory = first_directory(bytes);
  if (!directory) return std::nullopt;
  for (std::uint32_t i = 0; i < directory->entries; ++i) {
    const std::size_t entry = directory->at + 12 * std::size_t{i};
    if (bytes.number(entry, 2, directory->big_endian) != tag) continue;
    const auto type = bytes.number(entry + 2, 2, directory->big_endian);
    if (type == kShort) return bytes.number(entry + 8, 2, directory->big_endian);
    if (type == kLong) return bytes.number(entry + 8, 4, directory->big_endian);
    return std::nullopt;
  }
  return std::nullopt;
}

bool tiff_has_more_pages(std::span<const std::byte> tiff) {
  const Bytes bytes(tiff);
  const auto directory = first_directory(bytes);
  if (!directory) return false;
  return bytes.number(directory->at + 12 * std::size_t{directory->entries}, 4, directory->big_endian).value_or(0) != 0;
}

int exif_orientation(std::span<const std::byte> exif) {
  if (Bytes(exif).has(0, "Exif\0\0"sv)) exif = exif.subspan(6);
  const auto value = tiff_field(exif, kOrientation).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

}  // namespace ldznet

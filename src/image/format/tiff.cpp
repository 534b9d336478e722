#include "image/format/tiff.h"

#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <string_view>

namespace ldznet {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t kNewSubfileType = 254, kSubfileType = 255, kWidth = 256, kHeight = 257, kBits = 258,
                        kCompression = 259, kPhotometric = 262, kMake = 271, kOrientation = 274, kSamples = 277,
                        kPlanar = 284, kTileWidth = 322, kSubIfds = 330, kExtraSamples = 338, kDngVersion = 50706;
constexpr std::size_t kMostValues = 16;
constexpr std::size_t kMostPages = 10'000;  // looked at

/// Bytes of a value of a field type; 0 for types that hold no unsigned number. BYTE, SHORT, LONG, IFD, LONG8 and IFD8.
int number_width(std::uint64_t type) {
  switch (type) {
    case 1:
      return 1;
    case 3:
      return 2;
    case 4:
    case 13:
      return 4;
    case 16:
    case 18:
      return 8;
    default:
      return 0;
  }
}

/// Whether a directory holds a camera's sensor data: a colour filter array or linear raw values, by photometric
/// interpretation or by a compression that only cameras use (Nikon, Samsung, Sony, Pentax, lossy DNG).
bool is_sensor_data(const TiffDirectory& directory) {
  const auto photometric = directory.number(kPhotometric);
  if (photometric == 32803U || photometric == 34892U || directory.has(kDngVersion)) return true;
  constexpr std::array<std::uint64_t, 5> kCameras = {34713, 32770, 32767, 65535, 34892};
  return std::find(kCameras.begin(), kCameras.end(), directory.number(kCompression).value_or(0)) != kCameras.end();
}

/// The name of a raw photograph's format, by its camera's maker.
const char* raw_format(const TiffDirectory& first) {
  struct Maker {
    std::string_view make;
    const char* format;
  };
  constexpr std::array kMakers = {Maker{"NIKON"sv, "Nikon NEF"},     Maker{"Canon"sv, "Canon CR2"},
                                  Maker{"SONY"sv, "Sony ARW"},       Maker{"PENTAX"sv, "Pentax PEF"},
                                  Maker{"SAMSUNG"sv, "Samsung SRW"}, Maker{"Hasselblad"sv, "Hasselblad 3FR"}};
  if (first.has(kDngVersion)) return "DNG";
  for (const Maker& maker : kMakers)
    if (first.starts_with(kMake, maker.make)) return maker.format;
  return "of a camera";
}

int orientation_in(const TiffDirectory& directory) {
  const std::uint64_t value = directory.number(kOrientation).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

bool is_reduced(const TiffDirectory& directory) {
  return (directory.number(kNewSubfileType).value_or(0) & 5) != 0 ||  // 1: a reduced version, 4: a transparency mask
         directory.number(kSubfileType).value_or(0) == 2;
}

/// Whether the sample behind the colours is alpha. Like libtiff and Pillow, this takes a fourth one beside red, green
/// and blue for alpha if the file does not say what it is.
bool has_alpha(const TiffDirectory& page) {
  constexpr std::uint64_t kMultiplied = 1, kNotMultiplied = 2, kRgb = 2;
  const auto extra = page.number(kExtraSamples);
  if (!extra) return page.number(kPhotometric) == kRgb && page.number(kSamples) == 4U;
  return extra == kMultiplied || extra == kNotMultiplied;
}

/// libvips reads no tiles with a plane for each channel, no samples of 3, 12, ... bits, and luma with chroma only in
/// JPEG.
bool vips_reads(const TiffDirectory& page) {
  constexpr std::uint64_t kSeparate = 2, kYcbcr = 6, kJpeg = 7;
  const bool separate_tiles = page.number(kPlanar) == kSeparate && page.has(kTileWidth);
  const bool ycbcr = page.number(kPhotometric) == kYcbcr && page.number(kCompression) != kJpeg;
  return !separate_tiles && !ycbcr && std::has_single_bit(page.number(kBits).value_or(1));
}

/// The main chain of directories, which may be a loop in a damaged file.
std::vector<TiffDirectory> chain_of(std::span<const std::byte> encoded) {
  std::vector<TiffDirectory> chain;
  std::set<std::size_t> seen;
  for (auto at = TiffDirectory::first(encoded); at && chain.size() < kMostPages; at = at->next()) {
    if (!seen.insert(at->position()).second) break;
    chain.push_back(*at);
  }
  return chain;
}

const char* raw_format_of(std::span<const std::byte> encoded, const std::vector<TiffDirectory>& chain) {
  if (Bytes(encoded).has(8, "CR\2"sv)) return "Canon CR2";
  bool below = false;
  for (const TiffDirectory& page : chain) {
    if (is_sensor_data(page)) return raw_format(chain.front());
    for (const TiffDirectory& sub : page.below()) {
      below = true;
      if (is_sensor_data(sub)) return raw_format(chain.front());
    }
  }
  const bool previews_only = below && std::all_of(chain.begin(), chain.end(), is_reduced);
  return previews_only ? raw_format(chain.front()) : nullptr;
}

}  // namespace

std::optional<TiffDirectory> TiffDirectory::at(Bytes bytes, Layout layout, std::uint64_t offset) {
  const int count_width = layout.big_tiff ? 8 : 2;
  if (offset == 0 || offset >= bytes.size() || bytes.size() - offset < static_cast<std::size_t>(count_width))
    return std::nullopt;
  TiffDirectory directory(bytes, layout, static_cast<std::size_t>(offset) + count_width, 0);
  const std::uint64_t entries = directory.unsigned_number(static_cast<std::size_t>(offset), count_width);
  // A count beyond the end of the data is damage, which the entries that exist survive.
  directory.entries_ = std::min<std::uint64_t>(entries, (bytes.size() - directory.at_) / directory.entry_size() + 1);
  return directory;
}

std::optional<TiffDirectory> TiffDirectory::first(std::span<const std::byte> tiff) {
  const Bytes bytes(tiff);
  Layout layout;
  layout.big_endian = bytes.has(0, "MM"sv);
  layout.big_tiff = bytes.has(0, "II+\0\x08\0\0\0"sv) || bytes.has(0, "MM\0+\0\x08\0\0"sv);
  if (!layout.big_tiff && !bytes.has(0, "II*\0"sv) && !bytes.has(0, "MM\0*"sv)) return std::nullopt;
  const TiffDirectory header(bytes, layout, 0, 0);
  const std::size_t at = layout.big_tiff ? 8 : 4;
  if (bytes.size() < at + header.word()) return std::nullopt;
  return TiffDirectory::at(bytes, layout, header.unsigned_number(at, header.word()));
}

std::optional<TiffDirectory> TiffDirectory::next() const {
  const std::size_t link = at_ + static_cast<std::size_t>(entries_) * entry_size();
  if (link > bytes_.size() || bytes_.size() - link < static_cast<std::size_t>(word())) return std::nullopt;
  return at(bytes_, layout_, unsigned_number(link, word()));
}

std::vector<TiffDirectory> TiffDirectory::below() const {
  std::vector<TiffDirectory> directories;
  for (const std::uint64_t offset : numbers(kSubIfds))
    if (const auto directory = at(bytes_, layout_, offset)) directories.push_back(*directory);
  return directories;
}

std::uint64_t TiffDirectory::unsigned_number(std::size_t at, int width) const {
  if (width <= 4) return bytes_.number(at, width, layout_.big_endian).value_or(0);
  const std::uint64_t a = unsigned_number(at, 4), b = unsigned_number(at + 4, 4);
  return layout_.big_endian ? a << 32 | b : b << 32 | a;
}

std::optional<std::size_t> TiffDirectory::entry(std::uint16_t tag) const {
  for (std::uint64_t i = 0; i < entries_; ++i) {
    const std::size_t entry = at_ + static_cast<std::size_t>(i) * entry_size();
    if (bytes_.number(entry, 2, layout_.big_endian) == tag) return entry;
  }
  return std::nullopt;
}

std::vector<std::uint64_t> TiffDirectory::numbers(std::uint16_t tag) const {
  const auto found = entry(tag);
  if (!found) return {};
  const int width = number_width(unsigned_number(*found + 2, 2));
  const std::uint64_t count = unsigned_number(*found + 4, word());
  if (width == 0) return {};
  std::size_t at = *found + 4 + word();
  if (count > static_cast<std::uint64_t>(word() / width)) at = unsigned_number(at, word());
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < std::min<std::uint64_t>(count, kMostValues); ++i) {
    if (at > bytes_.size() || bytes_.size() - at < (i + 1) * width) break;
    values.push_back(unsigned_number(at + i * width, width));
  }
  return values;
}

std::optional<std::uint64_t> TiffDirectory::number(std::uint16_t tag) const {
  const auto values = numbers(tag);
  return values.empty() ? std::nullopt : std::optional(values.front());
}

bool TiffDirectory::starts_with(std::uint16_t tag, std::string_view text) const {
  const auto found = entry(tag);
  if (!found) return false;
  std::size_t at = *found + 4 + word();
  if (unsigned_number(*found + 4, word()) > static_cast<std::uint64_t>(word())) at = unsigned_number(at, word());
  return bytes_.has(at, text);
}

std::optional<TiffInfo> read_tiff_info(std::span<const std::byte> encoded) {
  const std::vector<TiffDirectory> chain = chain_of(encoded);
  TiffInfo info;
  if (chain.empty()) return std::nullopt;
  info.raw = raw_format_of(encoded, chain);
  const auto full = [](const TiffDirectory& page) { return !is_reduced(page); };
  const auto found = std::find_if(chain.begin(), chain.end(), full);
  const TiffDirectory& page = found == chain.end() ? chain.front() : *found;
  info.page = found == chain.end() ? 0 : static_cast<int>(found - chain.begin());
  info.more_pages = found != chain.end() && std::find_if(found + 1, chain.end(), full) != chain.end();
  info.width = page.number(kWidth).value_or(0);
  info.height = page.number(kHeight).value_or(0);
  if (info.width == 0 || info.height == 0) return std::nullopt;
  info.orientation = orientation_in(page);
  info.alpha = has_alpha(page);
  info.vips_reads = vips_reads(page);
  return info;
}

int exif_orientation(std::span<const std::byte> exif) {
  if (Bytes(exif).has(0, "Exif\0\0"sv)) exif = exif.subspan(6);
  const auto directory = TiffDirectory::first(exif);
  return directory ? orientation_in(*directory) : 1;
}

}  // namespace ldznet

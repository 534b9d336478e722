#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "image/format/bytes.h"

namespace ldznet {

/// A directory of a TIFF structure, which TIFF files, BigTIFF files and EXIF blocks share: fields by their tags.
class TiffDirectory {
 public:
  /// The first directory; nothing when the structure is damaged.
  static std::optional<TiffDirectory> first(std::span<const std::byte> tiff);

  /// The directory after this one; nothing behind the last.
  std::optional<TiffDirectory> next() const;

  /// The directories below this one (SubIFDs), as far as they can be read.
  std::vector<TiffDirectory> below() const;

  /// The values of a field of unsigned numbers (BYTE, SHORT, LONG, IFD, LONG8), at most the first 16; empty when the
  /// field is absent or damaged.
  std::vector<std::uint64_t> numbers(std::uint16_t tag) const;

  /// The first value of such a field.
  std::optional<std::uint64_t> number(std::uint16_t tag) const;

  bool has(std::uint16_t tag) const { return entry(tag).has_value(); }

  /// Whether the bytes of a text field start with `text`.
  bool starts_with(std::uint16_t tag, std::string_view text) const;

  std::size_t position() const { return at_; }  ///< offset of the first entry

 private:
  struct Layout {
    bool big_endian = false;
    bool big_tiff = false;
  };

  TiffDirectory(Bytes bytes, Layout layout, std::size_t at, std::uint64_t entries)
      : bytes_(bytes), layout_(layout), at_(at), entries_(entries) {}

  static std::optional<TiffDirectory> at(Bytes bytes, Layout layout, std::uint64_t offset);
  std::optional<std::size_t> entry(std::uint16_t tag) const;
  std::uint64_t unsigned_number(std::size_t at, int width) const;
  int word() const { return layout_.big_tiff ? 8 : 4; }  // bytes of an offset
  std::size_t entry_size() const { return layout_.big_tiff ? 20 : 12; }

  Bytes bytes_;
  Layout layout_;
  std::size_t at_;
  std::uint64_t entries_;
};

/// What decides how a TIFF file is shown.
struct TiffInfo {
  int page = 0;                         ///< the first page that is no reduced version of another one
  bool more_pages = false;              ///< whether there are further such pages
  std::uint64_t width = 0, height = 0;  ///< of that page, as stored
  int orientation = 1;                  ///< 1 to 8
  bool alpha = false;                   ///< whether the channel after the colours is alpha
  bool vips_reads = true;               ///< false: a layout for decode_tiff
  const char* raw = nullptr;            ///< "DNG", "NEF", ...: a raw photograph; its other pages are previews
};

/// Reads it; nothing when the file has no page with a size.
std::optional<TiffInfo> read_tiff_info(std::span<const std::byte> encoded);

/// The orientation (1 to 8) in an EXIF block, with or without its leading "Exif\0\0"; 1 when it has none.
int exif_orientation(std::span<const std::byte> exif);

}  // namespace ldznet

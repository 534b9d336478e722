#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ldznet {

/// A SHORT or LONG field of the first directory of a TIFF structure, which TIFF files and EXIF blocks share.
/// `tag`: 0x0112 orientation, 0x0100 width, 0x0101 height. Nothing when the field is absent or the structure damaged.
std::optional<std::uint32_t> tiff_field(std::span<const std::byte> tiff, std::uint16_t tag);

/// Whether a TIFF structure has a second directory, that is, another page.
bool tiff_has_more_pages(std::span<const std::byte> tiff);

/// The orientation (1 to 8) in an EXIF block, with or without its leading "Exif\0\0"; 1 when it has none.
int exif_orientation(std::span<const std::byte> exif);

}  // namespace ldznet

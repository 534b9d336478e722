#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ldznet {

/// The supported picture types.
enum class PictureType { png, jpeg, webp, bmp, tiff, pnm, gif, heic, avif, jxl, jp2 };

/// "PNG", "JPEG", ...
const char* name(PictureType type);

/// Detects the type from the content, of which the first kilobyte is enough; nothing when it is not a supported one.
std::optional<PictureType> sniff(std::span<const std::byte> encoded);

/// What content without a supported type is: "an SVG drawing", "text", "a raw photograph (Olympus ORF)", ...; empty if
/// unknown.
std::string unsupported_kind(std::span<const std::byte> encoded);

/// The header of a PNM picture.
struct PnmHeader {
  std::uint64_t width = 0, height = 0;
  std::uint32_t white = 1;  ///< the largest sample value; 1 for bitmaps
};

/// Reads it; nothing when it is no PNM header. A header that `encoded` cuts off has zeros.
std::optional<PnmHeader> read_pnm_header(std::span<const std::byte> encoded);

}  // namespace ldznet

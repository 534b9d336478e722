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

}  // namespace ldznet

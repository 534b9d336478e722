#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ldznet {

/// The supported picture types.
enum class PictureType { png, jpeg, webp, bmp, tiff, pnm };

/// "PNG", "JPEG", ...
const char* name(PictureType type);

/// Detects the type from the content; nothing when it is not a supported one.
std::optional<PictureType> sniff(std::span<const std::byte> encoded);

/// What a picture's headers say, read without decoding a pixel.
struct Header {
  PictureType type = PictureType::png;
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  int orientation = 1;             ///< EXIF, 1 to 8; 1 when the file has none
  bool complete = true;            ///< false when the file is truncated or a checksum is wrong
  std::string frame_kind = {};     ///< what it has several of: "frame of the animation" or "page"; empty: one picture
  std::size_t first_frame_at = 0;  ///< WebP animations: offset of the first frame's ANMF payload, and its length
  std::size_t first_frame_length = 0;
};

/// Reads the header; nothing when the size cannot be found.
std::optional<Header> read_header(std::span<const std::byte> encoded, PictureType type);

}  // namespace ldznet

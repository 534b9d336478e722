#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ldznet {

/// The picture types that are read.
enum class PictureType { png, jpeg, webp, bmp, tiff, pnm };

/// "PNG", "JPEG", ...
const char* name(PictureType type);

/// The type by content; nothing when it is none of ours.
std::optional<PictureType> sniff(std::span<const std::byte> encoded);

/// What a picture's own structure says, read without decoding a pixel.
struct Header {
  PictureType type = PictureType::png;
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  int orientation = 1;             ///< EXIF, 1 to 8; 1 when the file says nothing
  bool complete = true;            ///< false: the file ends before the picture does, or a checksum is wrong
  std::string frames = {};         ///< what further frames there are ("frames of the animation", "pages"); empty: none
  std::size_t first_frame_at = 0;  ///< WebP animations: where the first frame's ANMF payload begins, and its length
  std::size_t first_frame_length = 0;
};

/// Reads the header; nothing when it is damaged beyond finding the size.
std::optional<Header> read_header(std::span<const std::byte> encoded, PictureType type);

}  // namespace ldznet

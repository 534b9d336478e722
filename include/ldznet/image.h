#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ldznet {

/// Pictures of more pixels are refused before one is decoded: Pillow's limit, a 24-bit picture of half a gigabyte.
constexpr std::uint64_t kMostPixels = 178'956'970;

/// An upright RGB picture, 8 bits a channel, rows from the top, no padding.
struct Image {
  int width = 0;                      ///< W, pixels
  int height = 0;                     ///< H, pixels
  std::vector<std::uint8_t> rgb;      ///< H * W * 3
  std::vector<std::string> warnings;  ///< what was lost on the way in, for example further frames of an animation
};

/// Decodes PNG, JPEG, WebP, BMP, TIFF or PNM, told apart by content. EXIF orientation is applied, 16 bits are scaled
/// to 8, gray becomes three channels, alpha is flattened on white, CMYK becomes RGB, of an animation the first frame
/// is taken. `name` is used in messages. Throws Error(bad_image).
Image decode_image(std::span<const std::byte> encoded, const std::string& name);

/// A picture file's bytes. Throws Error(missing_input), or Error(bad_image) for a folder.
std::string read_picture_file(const std::filesystem::path& path);

/// Reads and decodes a file. Throws Error(missing_input) or Error(bad_image).
Image read_image(const std::filesystem::path& path);

}  // namespace ldznet

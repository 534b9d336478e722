// Images: decoding pictures.
//
//     const ldznet::Image image = ldznet::read_image("zoo.png");
//     for (const std::string& warning : image.warnings) std::cerr << warning << "\n";
//
// A program that has pixels of its own fills in an Image itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ldznet {

/// Pictures with more pixels are refused before they are decoded: Pillow's limit, half a gigabyte of 24-bit pixels.
constexpr std::uint64_t kMostPixels = 178'956'970;

/// An upright RGB picture, 8 bits per channel, rows from the top, without padding.
struct Image {
  int width = 0;                      ///< W, pixels
  int height = 0;                     ///< H, pixels
  std::vector<std::uint8_t> rgb;      ///< H * W * 3
  std::vector<std::string> warnings;  ///< what decoding left out, for example further frames of an animation
};

/// Decodes PNG, JPEG, WebP, BMP, TIFF or PNM; the type is detected from the content. Applies the EXIF orientation,
/// scales 16 bits to 8, converts gray and CMYK to RGB, flattens alpha on white, and takes an animation's first frame.
/// `name` is the picture's name in messages. Throws Error(bad_image).
Image decode_image(std::span<const std::byte> encoded, const std::string& name);

/// The bytes of a picture file. Throws Error(missing_input), or Error(bad_image) for a folder.
std::string read_picture_file(const std::filesystem::path& path);

/// Reads and decodes a file. Throws Error(missing_input) or Error(bad_image).
Image read_image(const std::filesystem::path& path);

}  // namespace ldznet

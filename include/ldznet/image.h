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
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ldznet {

/// The usual limit of a picture's pixels: Pillow's, half a gigabyte of 24-bit pixels.
constexpr std::uint64_t kMostPixels = 178'956'970;

/// A picture's pixels before they become an Image: with their own transparency and colour profile.
struct OwnPixels {
  std::vector<std::uint8_t> rgba;  ///< H * W * 4, upright, colours not multiplied with alpha; empty: as in the Image
  std::string profile;             ///< ICC profile of the colours; empty: sRGB
};

/// An upright RGB picture, 8 bits per channel, rows from the top, without padding.
struct Image {
  int width = 0;                      ///< W, pixels
  int height = 0;                     ///< H, pixels
  std::vector<std::uint8_t> rgb;      ///< H * W * 3
  std::vector<std::string> warnings;  ///< what decoding left out, for example further frames of an animation
  std::optional<OwnPixels> own = {};  ///< set by callers that make cut-outs; see own_pixels
};

/// Decodes PNG, JPEG, WebP, BMP, TIFF, PNM, GIF, HEIC, AVIF, JPEG XL and JPEG 2000, told apart by content. Applies the
/// EXIF orientation, scales 16 bits to 8, converts gray, CMYK and colours of a profile to sRGB, flattens alpha on
/// white, and takes an animation's first frame. `name` is the picture's name in messages. Throws Error(bad_image), for
/// more than `most_pixels` pixels before any is decoded.
Image decode_image(std::span<const std::byte> encoded, const std::string& name,
                   std::uint64_t most_pixels = kMostPixels);

/// The pixels of a picture that has transparency or an RGB colour profile; nothing for other pictures, and for those
/// whose profile cannot be used. Throws what decode_image throws.
std::optional<OwnPixels> own_pixels(std::span<const std::byte> encoded, const std::string& name,
                                    std::uint64_t most_pixels = kMostPixels);

/// The bytes of a picture file. Throws Error(missing_input), or Error(bad_image) for a folder.
std::string read_picture_file(const std::filesystem::path& path);

/// Reads and decodes a file. Throws Error(missing_input) or Error(bad_image).
Image read_image(const std::filesystem::path& path, std::uint64_t most_pixels = kMostPixels);

}  // namespace ldznet

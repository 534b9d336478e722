#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "image/format/bmp.h"
#include "image/format/content.h"
#include "image/vips_picture.h"

namespace ldznet {

/// A picture whose header has been read. Its pixels are as in the file: not yet upright.
struct OpenPicture {
  PictureType type = PictureType::png;
  std::string name;               ///< for messages
  std::vector<std::byte> mended;  ///< what is decoded in place of a JPEG or PNM file
  BmpPixels bmp;                  ///< decoded pixels of a BMP file
  VipsPicture image;              ///< uses `mended` or `bmp`, or the encoded bytes
  int colours = 3;                ///< colour channels of a pixel: 1 gray, 3 RGB, 4 CMYK
  bool alpha = false;             ///< whether the next channel is alpha
  double white = 255;             ///< the largest value of a sample
  int orientation = 1;            ///< EXIF's, 1 to 8
  std::string frame_kind;         ///< what it has several of: "frame of the animation" or "page"; empty: one picture
};

/// Recognises a picture and reads its header. `encoded` must outlive the result; `name` is used in messages. Throws
/// Error(bad_image), for more than `most_pixels` pixels, too.
OpenPicture open_picture(std::span<const std::byte> encoded, const std::string& name, std::uint64_t most_pixels);

/// Throws the Error(bad_image) for damage that decoding has found.
[[noreturn]] void refuse_damaged(const OpenPicture& picture);

/// Throws the Error(bad_image) for signed samples below 0.
[[noreturn]] void refuse_negative(const std::string& name);

/// Closes a picture whose pixels have been read. Throws Error(bad_image) for damage that shows only now.
void finish_picture(OpenPicture& picture);

/// Some rows of a picture: `channels` samples a pixel, as bytes.
struct Strip {
  int top = 0, rows = 0;
  const std::byte* data = nullptr;
  std::size_t stride = 0;  ///< bytes from row to row
};

/// Decodes a picture from top to bottom; `image` is the open picture's or derived from it. Throws Error(bad_image).
void for_each_strip(const OpenPicture& picture, VipsImage* image, const std::function<void(const Strip&)>& use);

/// The value of a sample of a row.
double sample(VipsBandFormat format, const std::byte* samples, std::size_t index);

/// Converts samples of a row to 8 bits, rounded; `white` becomes 255. `format` is that of the picture.
/// Returns whether all values are between 0 and `white`.
bool to_8_bits(VipsBandFormat format, const std::byte* samples, std::size_t count, double white, std::uint8_t* out);

}  // namespace ldznet

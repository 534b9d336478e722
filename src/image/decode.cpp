#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "image/colour_profile.h"
#include "image/open_picture.h"
#include "image/upright.h"
#include "ldznet/error.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

/// Products of values from 0 to 255, divided by 255 and rounded.
std::uint8_t multiply(int a, int b) { return static_cast<std::uint8_t>((a * b + 127) / 255); }

/// Turns rows of samples into 8-bit RGB.
class RowPainter {
 public:
  /// For the pixels of `source`: the picture's own image, or one in sRGB that was made from it.
  RowPainter(const OpenPicture& picture, const VipsImage& source)
      : format_(source.BandFmt), bands_(source.Bands), alpha_(picture.alpha), width_(source.Xsize) {
    const bool own = &source == picture.image.get();
    colours_ = own ? picture.colours : 3;
    white_ = own ? picture.white : 255;
    samples_.resize(static_cast<std::size_t>(width_) * bands_);
    pixels_.resize(static_cast<std::size_t>(width_) * 4);
  }

  /// The row in RGB, flattened on white; valid until the next call.
  const std::uint8_t* paint(const std::byte* row) {
    const std::uint8_t* samples = in_bytes(row);
    if (bands_ == 3 && colours_ == 3) return samples;
    std::uint8_t* out = pixels_.data();
    for (int x = 0; x < width_; ++x, samples += bands_, out += 3) {
      paint_pixel(samples, out);
      if (alpha_) flatten(samples[colours_], out);
    }
    return pixels_.data();
  }

  /// The row in RGBA, not multiplied; valid until the next call.
  const std::uint8_t* paint_with_alpha(const std::byte* row) {
    const std::uint8_t* samples = in_bytes(row);
    std::uint8_t* out = pixels_.data();
    for (int x = 0; x < width_; ++x, samples += bands_, out += 4) {
      paint_pixel(samples, out);
      out[3] = alpha_ ? samples[colours_] : std::uint8_t{255};
    }
    return pixels_.data();
  }

  /// Whether all samples so far were in the range of their type.
  bool inside() const { return inside_; }

 private:
  const std::uint8_t* in_bytes(const std::byte* row) {
    if (format_ == VIPS_FORMAT_UCHAR && white_ == 255) return reinterpret_cast<const std::uint8_t*>(row);
    inside_ = to_8_bits(format_, row, samples_.size(), white_, samples_.data()) && inside_;
    return samples_.data();
  }

  void paint_pixel(const std::uint8_t* samples, std::uint8_t* out) const {
    for (int c = 0; c < 3; ++c) {
      out[c] = samples[colours_ == 1 ? 0 : c];
      // CMYK without a profile, as Pillow shows it: what ink and black let through of white.
      if (colours_ == 4) out[c] = multiply(255 - samples[c], 255 - samples[3]);
    }
  }

  static void flatten(int alpha, std::uint8_t* out) {
    for (int c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>((out[c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  VipsBandFormat format_;
  int bands_, colours_;
  bool alpha_;
  double white_;
  int width_;
  std::vector<std::uint8_t> samples_, pixels_;
  bool inside_ = true;
};

/// Throws the Error(bad_image) for values below black or above white, in types that have room for them by design.
void check_range(VipsBandFormat format, const std::string& name) {
  if (format == VIPS_FORMAT_SHORT) refuse_negative(name);
  if (format == VIPS_FORMAT_FLOAT || format == VIPS_FORMAT_DOUBLE)
    throw Error(ErrorCode::bad_image, name + ": has floating-point values outside 0 to 1",
                "Scale them so that 0 is black and 1 is white.");
}

/// Pixels in rows from the top, without padding.
struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint8_t> values;
};

/// Decodes a picture, upright, in RGB (3 channels, flattened on white) or RGBA (4, not multiplied). `converted`: what
/// is decoded in place of the picture's own image, if set. Closes both.
Pixels decode_pixels(OpenPicture& picture, VipsPicture converted, int channels) {
  VipsImage* source = converted ? converted.get() : picture.image.get();
  RowPainter painter(picture, *source);
  const Upright upright(source->Xsize, source->Ysize, picture.orientation);
  Pixels pixels{upright.width(), upright.height(), {}};
  pixels.values.resize(static_cast<std::size_t>(pixels.width) * pixels.height * channels);
  for_each_strip(picture, source, [&](const Strip& strip) {
    for (int row = 0; row < strip.rows; ++row) {
      const std::byte* samples = strip.data + row * strip.stride;
      const std::uint8_t* painted = channels == 4 ? painter.paint_with_alpha(samples) : painter.paint(samples);
      upright.put_row(strip.top + row, painted, channels, pixels.values.data());
    }
  });
  const VipsBandFormat format = source->BandFmt;
  converted.reset();
  finish_picture(picture);
  if (!painter.inside()) check_range(format, picture.name);
  return pixels;
}

}  // namespace

Image decode_image(std::span<const std::byte> encoded, const std::string& name, std::uint64_t most_pixels) {
  OpenPicture picture = open_picture(encoded, name, most_pixels);
  Pixels pixels = decode_pixels(picture, converted_to_srgb(picture), 3);
  Image image{pixels.width, pixels.height, std::move(pixels.values), {}};
  if (!picture.frame_kind.empty()) image.warnings.push_back("only the first " + picture.frame_kind + " is used");
  return image;
}

std::optional<OwnPixels> own_pixels(std::span<const std::byte> encoded, const std::string& name,
                                    std::uint64_t most_pixels) {
  OpenPicture picture = open_picture(encoded, name, most_pixels);
  OwnPixels own{{}, rgb_profile(picture)};
  if (!picture.alpha && own.profile.empty()) return std::nullopt;
  VipsPicture converted = converted_to_srgb(picture);
  if (!picture.alpha && !converted) return own;
  if (!own.profile.empty()) converted.reset();  // the profile describes the samples as they are
  own.rgba = decode_pixels(picture, std::move(converted), 4).values;
  return own;
}

Image read_image(const std::filesystem::path& path, std::uint64_t most_pixels) {
  const std::string content = read_picture_file(path);
  return decode_image(std::as_bytes(std::span(content)), path.string(), most_pixels);
}

}  // namespace ldznet

#include <algorithm>
#include <cstdint>
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
  /// For the open picture's own pixels, or those of `converted` if it is set.
  RowPainter(const OpenPicture& picture, VipsImage* converted)
      : format_((converted != nullptr ? converted : picture.image.get())->BandFmt),
        bands_((converted != nullptr ? converted : picture.image.get())->Bands),
        colours_(converted != nullptr ? 3 : picture.colours),
        alpha_(picture.alpha),
        white_(converted != nullptr ? 255 : picture.white),
        width_(picture.image->Xsize) {
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

}  // namespace

Image decode_image(std::span<const std::byte> encoded, const std::string& name, std::uint64_t most_pixels) {
  OpenPicture picture = open_picture(encoded, name, most_pixels);
  VipsPicture converted = converted_to_srgb(picture);
  VipsImage* source = converted ? converted.get() : picture.image.get();
  RowPainter painter(picture, converted.get());
  const Upright upright(source->Xsize, source->Ysize, picture.orientation);
  Image image{upright.width(), upright.height(), {}, {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * image.height * 3);
  for_each_strip(picture, source, [&](const Strip& strip) {
    for (int row = 0; row < strip.rows; ++row)
      upright.put_row(strip.top + row, painter.paint(strip.data + row * strip.stride), 3, image.rgb.data());
  });
  const VipsBandFormat format = source->BandFmt;
  converted.reset();
  finish_picture(picture);
  if (!painter.inside()) check_range(format, name);
  if (!picture.frame_kind.empty()) image.warnings.push_back("only the first " + picture.frame_kind + " is used");
  return image;
}

std::optional<OwnPixels> own_pixels(std::span<const std::byte> encoded, const std::string& name,
                                    std::uint64_t most_pixels) {
  OpenPicture picture = open_picture(encoded, name, most_pixels);
  VipsPicture converted = converted_to_srgb(picture);
  OwnPixels own{{}, rgb_profile(picture)};
  if (!picture.alpha && own.profile.empty()) return std::nullopt;
  if (!picture.alpha && !converted) return own;
  if (!own.profile.empty()) converted.reset();  // the profile describes the samples as they are
  RowPainter painter(picture, converted.get());
  const Upright upright(picture.image->Xsize, picture.image->Ysize, picture.orientation);
  own.rgba.resize(static_cast<std::size_t>(upright.width()) * upright.height() * 4);
  for_each_strip(picture, converted ? converted.get() : picture.image.get(), [&](const Strip& strip) {
    for (int row = 0; row < strip.rows; ++row)
      upright.put_row(strip.top + row, painter.paint_with_alpha(strip.data + row * strip.stride), 4, own.rgba.data());
  });
  converted.reset();
  finish_picture(picture);
  return own;
}

Image read_image(const std::filesystem::path& path, std::uint64_t most_pixels) {
  const std::string content = read_picture_file(path);
  return decode_image(std::as_bytes(std::span(content)), path.string(), most_pixels);
}

}  // namespace ldznet

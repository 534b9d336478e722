#include "image/open_picture.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "base/log.h"
#include "image/format/jpeg2000.h"
#include "image/format/jpeg_markers.h"
#include "image/format/png_chunks.h"
#include "image/format/pnm.h"
#include "image/lab.h"
#include "image/tiff_pixels.h"
#include "ldznet/error.h"

namespace ldznet {
namespace {

constexpr int kUpsideDown = 4;  // EXIF's orientation of rows from the bottom to the top
constexpr const char* kDamaged = "Copy it again, or save it again as PNG.";

[[noreturn]] void refuse(const std::string& name, const std::string& why, const std::string& hint) {
  throw Error(ErrorCode::bad_image, name + ": " + why, hint);
}

[[noreturn]] void refuse_unknown(const std::string& name, std::span<const std::byte> encoded) {
  const std::string kind = unsupported_kind(encoded);
  refuse(name, kind.empty() ? "not a supported picture type" : "is " + kind + ", which is not a supported picture type",
         "Supported types: PNG, JPEG, WebP, BMP, TIFF, PNM, GIF, HEIC, AVIF, JPEG XL and JPEG 2000.");
}

[[noreturn]] void refuse_kind(const OpenPicture& picture) {
  refuse(picture.name, std::string("this kind of ") + name(picture.type) + " file cannot be read",
         "Save it again as PNG.");
}

void check_size(const std::string& name, std::uint64_t width, std::uint64_t height, std::uint64_t most) {
  if (width == 0 || height <= most / width) return;
  refuse(
      name,
      "has " + std::to_string(width) + " x " + std::to_string(height) + " pixels, the limit is " + std::to_string(most),
      "Make it smaller first, or raise --max-pixels.");
}

/// Decodes a BMP file into memory, where libvips can use it.
void open_bmp(std::span<const std::byte> encoded, std::uint64_t most_pixels, OpenPicture& picture) {
  const auto header = read_bmp_header(encoded);
  if (!header) refuse(picture.name, "the BMP header is damaged, or of a kind that cannot be read", kDamaged);
  check_size(picture.name, header->width, header->height, most_pixels);
  auto pixels = decode_bmp(encoded, *header);
  if (!pixels) refuse_damaged(picture);
  picture.bmp = std::move(*pixels);
  start_vips();
  picture.image.reset(vips_image_new_from_memory(picture.bmp.rows.data(), picture.bmp.rows.size(),
                                                 static_cast<int>(header->width), static_cast<int>(header->height),
                                                 picture.bmp.channels, VIPS_FORMAT_UCHAR));
  if (picture.image) picture.image->Type = VIPS_INTERPRETATION_sRGB;
}

/// Reads what libvips does not report about a TIFF file, such as the page to load.
TiffInfo read_tiff(std::span<const std::byte> encoded, std::uint64_t most_pixels, OpenPicture& picture) {
  const auto info = read_tiff_info(encoded);
  if (!info) refuse(picture.name, "the TIFF header is damaged", kDamaged);
  if (info->raw != nullptr)
    refuse(picture.name, std::string("is a raw photograph (") + info->raw + "), which is not a supported picture type",
           "Save it as JPEG, TIFF or PNG with a raw converter.");
  check_size(picture.name, info->width, info->height, most_pixels);
  picture.orientation = info->orientation;
  if (info->more_pages) picture.frame_kind = "page";
  return *info;
}

/// Checks a PNM header before libvips sees it, which makes room for all pixels at once and reads a number that is too
/// long as another one.
PnmHeader read_pnm(std::span<const std::byte> encoded, std::uint64_t most_pixels, OpenPicture& picture) {
  const auto header = read_pnm_header(encoded);
  if (!header || header->width == 0 || header->height == 0) refuse_damaged(picture);
  check_size(picture.name, header->width, header->height, most_pixels);
  if (encoded.size() < header->least_bytes()) refuse_damaged(picture);
  picture.mended = with_separate_pixels(encoded);
  return *header;
}

/// Refuses a header that libvips reads in another way.
void check_pnm(const PnmHeader& header, const OpenPicture& picture) {
  const VipsBandFormat integers = header.white > 255 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  const VipsBandFormat expected = header.from_bottom ? VIPS_FORMAT_FLOAT : integers;
  const VipsImage* image = picture.image.get();
  if (static_cast<std::uint64_t>(image->Xsize) != header.width ||
      static_cast<std::uint64_t>(image->Ysize) != header.height || image->BandFmt != expected)
    refuse_damaged(picture);
}

/// Refuses damage by which all channels have fewer pixels than the picture.
void check_jpeg2000_size(std::span<const std::byte> encoded, const OpenPicture& picture) {
  const auto size = read_jpeg2000_size(encoded);
  const auto width = static_cast<std::uint64_t>(picture.image->Xsize);
  const auto height = static_cast<std::uint64_t>(picture.image->Ysize);
  if (!size || size->width != width || size->height != height) refuse_damaged(picture);
}

int frames_of(VipsImage* image) {
  int frames = 1;
  if (vips_image_get_typeof(image, VIPS_META_N_PAGES) == G_TYPE_INT)
    vips_image_get_int(image, VIPS_META_N_PAGES, &frames);
  return frames;
}

/// Colour channels by libvips' interpretation; 0 for others.
int colours_of(VipsImage* image) {
  switch (image->Type) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
      return 1;
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_scRGB:
      return 3;
    case VIPS_INTERPRETATION_CMYK:
      return 4;
    default:
      return 0;
  }
}

/// The picture in samples and colours that the pipeline knows: CIELAB in sRGB, and signed bytes as unsigned ones, which
/// libtiff and Pillow take them for. Nothing when that cannot be.
VipsPicture in_known_samples(VipsPicture picture) {
  if (!picture) return nullptr;
  if (is_lab(picture.get())) return lab_in_srgb(picture.get());
  if (picture->BandFmt != VIPS_FORMAT_CHAR) return picture;
  return result_of(
      [&](VipsImage** out) { return vips_copy(picture.get(), out, "format", VIPS_FORMAT_UCHAR, nullptr); });
}

double white_of(const OpenPicture& picture, const PnmHeader& pnm) {
  if (pnm.white > 1) return pnm.white;
  switch (picture.image->BandFmt) {
    case VIPS_FORMAT_UCHAR:
      return 255;
    case VIPS_FORMAT_USHORT:
      return 65535;
    case VIPS_FORMAT_SHORT:
      return 32767;
    case VIPS_FORMAT_FLOAT:
    case VIPS_FORMAT_DOUBLE:
      return 1;
    default:
      return 0;
  }
}

/// Reads the metadata of the types whose loader knows them.
void read_metadata(std::span<const std::byte> encoded, OpenPicture& picture) {
  if (picture.type == PictureType::png) {
    const PngChunks chunks = read_png_chunks(encoded);
    picture.orientation = chunks.orientation;
    if (chunks.animated) picture.frame_kind = "frame of the animation";
  }
  if (picture.type == PictureType::jpeg || picture.type == PictureType::webp)
    picture.orientation = exif_orientation(metadata(picture.image.get(), VIPS_META_EXIF_NAME));
  const bool animation = picture.type == PictureType::webp || picture.type == PictureType::gif;
  if (animation && frames_of(picture.image.get()) > 1) picture.frame_kind = "frame of the animation";
}

/// A sample that need not be aligned: of some files, libvips uses the bytes where they lie.
template <typename T>
T load(const std::byte* samples, std::size_t index) {
  T sample;
  std::memcpy(&sample, samples + index * sizeof(T), sizeof(T));
  return sample;
}

template <typename T>
bool convert(const std::byte* samples, std::size_t count, double white, std::uint8_t* out) {
  constexpr double kSlack = 0.001;  // what rounding may add to floating-point samples
  bool inside = true;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = static_cast<double>(load<T>(samples, i)) / white;
    inside = inside && value >= -kSlack && value <= 1 + kSlack;  // false for NaN
    out[i] = static_cast<std::uint8_t>((value > 0 ? std::min(value, 1.0) : 0.0) * 255 + 0.5);
  }
  return inside;
}

}  // namespace

void refuse_damaged(const OpenPicture& picture) {
  const std::string reason = take_vips_error();
  if (!reason.empty()) log::debug(picture.name + ": " + reason);
  refuse(picture.name, std::string("the ") + name(picture.type) + " file is truncated or damaged", kDamaged);
}

void refuse_negative(const std::string& name) {
  refuse(name, "has negative values", "Scale them so that 0 is black and 32767 is white.");
}

OpenPicture open_picture(std::span<const std::byte> encoded, const std::string& name, std::uint64_t most_pixels) {
  if (encoded.empty()) refuse(name, "the file is empty", "Copy it again.");
  const auto type = sniff(encoded);
  if (!type) refuse_unknown(name, encoded);
  OpenPicture picture;
  picture.type = *type;
  picture.name = name;
  TiffInfo tiff;
  PnmHeader pnm;
  if (type == PictureType::jpeg) {
    JpegMarkers markers = read_jpeg_markers(encoded);
    if (!markers.complete) refuse_damaged(picture);
    picture.mended = std::move(markers.mended);
  }
  if (type == PictureType::tiff) tiff = read_tiff(encoded, most_pixels, picture);
  if (type == PictureType::pnm) pnm = read_pnm(encoded, most_pixels, picture);
  if (type == PictureType::bmp) {
    open_bmp(encoded, most_pixels, picture);
  } else {
    const std::span<const std::byte> loaded = picture.mended.empty() ? encoded : picture.mended;
    auto decoded = tiff.vips_reads ? load_picture(*type, loaded, tiff.page) : decode_tiff(encoded, tiff);
    if (!decoded) refuse_kind(picture);
    picture.image = std::move(*decoded);
  }
  picture.image = in_known_samples(std::move(picture.image));
  if (!picture.image) refuse_damaged(picture);
  VipsImage* image = picture.image.get();
  check_size(name, static_cast<std::uint64_t>(image->Xsize), static_cast<std::uint64_t>(image->Ysize), most_pixels);
  if (type == PictureType::jp2) check_jpeg2000_size(encoded, picture);
  if (type == PictureType::pnm) check_pnm(pnm, picture);
  if (type == PictureType::pnm && pnm.from_bottom) picture.orientation = kUpsideDown;
  picture.colours = colours_of(image);
  picture.white = white_of(picture, pnm);
  if (image->Coding != VIPS_CODING_NONE || picture.colours == 0 || picture.white == 0 || image->Bands < picture.colours)
    refuse_kind(picture);
  picture.alpha = image->Bands > picture.colours && (type != PictureType::tiff || tiff.alpha);
  read_metadata(encoded, picture);
  return picture;
}

void finish_picture(OpenPicture& picture) {
  if (close_picture(std::move(picture.image)) && picture.type == PictureType::jpeg) refuse_damaged(picture);
}

void for_each_strip(const OpenPicture& picture, VipsImage* image, const std::function<void(const Strip&)>& use) {
  constexpr std::size_t kStripBytes = std::size_t{1} << 20;
  constexpr int kFewestRows = 16;  // so that turned pictures are written in blocks
  constexpr int kMostRows = 256;   // libvips' cache of lines takes time in the square of the lines that one strip needs
  const std::size_t row = VIPS_IMAGE_SIZEOF_LINE(image);
  const int rows = static_cast<int>(std::clamp<std::size_t>(kStripBytes / row, kFewestRows, kMostRows));
  const std::unique_ptr<VipsRegion, decltype(&g_object_unref)> region(vips_region_new(image), g_object_unref);
  if (!region) throw std::bad_alloc();
  for (int top = 0; top < image->Ysize; top += rows) {
    const VipsRect rectangle = {0, top, image->Xsize, std::min(rows, image->Ysize - top)};
    if (vips_region_prepare(region.get(), &rectangle) != 0) refuse_damaged(picture);
    use({top, rectangle.height, reinterpret_cast<const std::byte*>(VIPS_REGION_ADDR(region.get(), 0, top)),
         static_cast<std::size_t>(VIPS_REGION_LSKIP(region.get()))});
  }
}

double sample(VipsBandFormat format, const std::byte* samples, std::size_t index) {
  switch (format) {
    case VIPS_FORMAT_UCHAR:
      return load<std::uint8_t>(samples, index);
    case VIPS_FORMAT_USHORT:
      return load<std::uint16_t>(samples, index);
    case VIPS_FORMAT_SHORT:
      return load<std::int16_t>(samples, index);
    case VIPS_FORMAT_FLOAT:
      return load<float>(samples, index);
    default:
      return load<double>(samples, index);
  }
}

bool to_8_bits(VipsBandFormat format, const std::byte* samples, std::size_t count, double white, std::uint8_t* out) {
  switch (format) {
    case VIPS_FORMAT_UCHAR:
      return convert<std::uint8_t>(samples, count, white, out);
    case VIPS_FORMAT_USHORT:
      return convert<std::uint16_t>(samples, count, white, out);
    case VIPS_FORMAT_SHORT:
      return convert<std::int16_t>(samples, count, white, out);
    case VIPS_FORMAT_FLOAT:
      return convert<float>(samples, count, white, out);
    default:
      return convert<double>(samples, count, white, out);
  }
}

}  // namespace ldznet

#include "image/tiff_pixels.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

namespace ldznet {
namespace {

/// An encoded file in memory, with the position of the next read. libtiff's callbacks get a pointer to it.
struct Source {
  std::span<const std::byte> data;
  std::size_t at = 0;
};

tmsize_t read(thandle_t handle, void* out, tmsize_t length) {
  auto* source = static_cast<Source*>(handle);
  const std::size_t rest = source->data.size() - std::min(source->at, source->data.size());
  const std::size_t count = std::min(static_cast<std::size_t>(length), rest);
  if (count > 0) std::memcpy(out, source->data.data() + source->at, count);
  source->at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write(thandle_t /*handle*/, void* /*data*/, tmsize_t /*length*/) { return -1; }

toff_t seek(thandle_t handle, toff_t offset, int from) {
  auto* source = static_cast<Source*>(handle);
  const std::size_t base = from == SEEK_CUR ? source->at : from == SEEK_END ? source->data.size() : 0;
  source->at = base + offset;
  return source->at;
}

int close(thandle_t /*handle*/) { return 0; }
toff_t size(thandle_t handle) { return static_cast<Source*>(handle)->data.size(); }

int ignore(TIFF* /*file*/, void* /*data*/, const char* /*module*/, const char* /*format*/, va_list /*arguments*/) {
  return 1;  // not passed on to the handler that prints it
}

using TiffFile = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

TiffFile open(Source& source) {
  constexpr tmsize_t kMostMemory = tmsize_t{1} << 31;  // bytes of one strip or tile
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), ignore, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore, nullptr);
  // m: without memory mapping.
  return {TIFFClientOpenExt("picture", "rm", &source, read, write, seek, close, size, nullptr, nullptr, options.get()),
          TIFFClose};
}

/// How a page's samples are stored.
struct Samples {
  std::uint32_t width = 0, height = 0;
  int channels = 1;       ///< of a pixel
  int bits = 1;           ///< of a sample
  int planes = 1;         ///< as many as channels, or one that holds all of them
  bool inverted = false;  ///< 0 is white
  bool ycbcr = false;     ///< luma and chroma, which libtiff converts to RGB
  VipsBandFormat format = VIPS_FORMAT_UCHAR;
  VipsInterpretation colours = VIPS_INTERPRETATION_B_W;
};

std::uint16_t field(TIFF* file, std::uint32_t tag) {
  std::uint16_t value = 0;
  TIFFGetFieldDefaulted(file, tag, &value);
  return value;
}

/// Sets what the photometric interpretation says. Returns the number of colours; 0 for an unknown one.
int describe_colours(std::uint16_t photometric, Samples& samples) {
  switch (photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
      samples.inverted = photometric == PHOTOMETRIC_MINISWHITE;
      samples.colours = samples.format == VIPS_FORMAT_USHORT ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
      return 1;
    case PHOTOMETRIC_RGB:
      samples.colours = samples.format == VIPS_FORMAT_USHORT ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
      return 3;
    case PHOTOMETRIC_SEPARATED:
      samples.colours = VIPS_INTERPRETATION_CMYK;
      return 4;
    case PHOTOMETRIC_YCBCR:
      samples = {samples.width, samples.height, 3};
      samples.ycbcr = true;
      samples.colours = VIPS_INTERPRETATION_sRGB;
      return 3;
    default:
      return 0;
  }
}

std::optional<Samples> describe(TIFF* file) {
  constexpr int kMostChannels = 16;
  Samples samples;
  std::uint16_t photometric = 0;
  if (TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &samples.width) == 0 ||
      TIFFGetField(file, TIFFTAG_IMAGELENGTH, &samples.height) == 0 ||
      TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &photometric) == 0)
    return std::nullopt;
  samples.channels = field(file, TIFFTAG_SAMPLESPERPIXEL);
  samples.bits = field(file, TIFFTAG_BITSPERSAMPLE);
  samples.planes = field(file, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE ? samples.channels : 1;
  const int kind = field(file, TIFFTAG_SAMPLEFORMAT);
  if (kind == SAMPLEFORMAT_IEEEFP && samples.bits == 32) {
    samples.format = VIPS_FORMAT_FLOAT;
  } else if (kind == SAMPLEFORMAT_UINT && samples.bits >= 1 && samples.bits <= 16) {
    samples.format = samples.bits > 8 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  } else {
    return std::nullopt;
  }
  const int colours = describe_colours(photometric, samples);
  if (colours == 0 || samples.channels < colours || samples.channels > kMostChannels) return std::nullopt;
  return samples;
}

/// Where a block's samples are put: some rows of a picture.
struct Place {
  std::uint32_t x = 0, y = 0;
  int plane = 0;
  std::uint32_t columns = 0, rows = 0;
};

/// A sample of a row without gaps, the first one in the highest bits; integers of other widths are scaled to T's.
template <typename T>
T sample_at(const std::uint8_t* row, std::size_t index, int bits) {
  T sample{};
  if constexpr (std::is_integral_v<T>) {
    if (bits != std::numeric_limits<T>::digits) {
      const std::size_t at = index * bits;
      const std::uint32_t bytes = row[at / 8] << 16 | row[at / 8 + 1] << 8 | row[at / 8 + 2];
      const std::uint32_t most = (1U << bits) - 1, value = bytes >> (24 - at % 8 - bits) & most;
      return static_cast<T>((value * std::numeric_limits<T>::max() + most / 2) / most);
    }
  }
  std::memcpy(&sample, row + index * sizeof(T), sizeof(T));
  return sample;
}

/// Copies a block's samples into the picture. Two bytes behind the block are read, too.
template <typename T>
void unpack(const std::uint8_t* block, std::size_t stride, const Samples& samples, const Place& place,
            VipsImage* picture) {
  const std::size_t together = static_cast<std::size_t>(samples.channels) / samples.planes;
  for (std::uint32_t row = 0; row < place.rows; ++row, block += stride) {
    auto* out =
        reinterpret_cast<T*>(VIPS_IMAGE_ADDR(picture, static_cast<int>(place.x), static_cast<int>(place.y + row)));
    for (std::size_t i = 0; i < place.columns * together; ++i) {
      T& sample = out[i / together * samples.channels + i % together + place.plane];
      sample = sample_at<T>(block, i, samples.bits);
      if constexpr (std::is_integral_v<T>)
        if (samples.inverted) sample = static_cast<T>(~sample);
    }
  }
}

/// Bytes: a tile may be larger than the picture, but not by far.
tmsize_t largest_block(VipsImage* picture) {
  constexpr tmsize_t kLargestTile = tmsize_t{1} << 26;
  return static_cast<tmsize_t>(VIPS_IMAGE_SIZEOF_IMAGE(picture)) + kLargestTile;
}

/// Decodes all strips or tiles. Returns whether each of them was complete.
bool decode_blocks(TIFF* file, const Samples& samples, VipsImage* picture) {
  const bool tiled = TIFFIsTiled(file) != 0;
  std::uint32_t width = samples.width, height = samples.height;
  if (tiled &&
      (TIFFGetField(file, TIFFTAG_TILEWIDTH, &width) == 0 || TIFFGetField(file, TIFFTAG_TILELENGTH, &height) == 0))
    return false;
  if (!tiled) TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &height);
  const tmsize_t stride = tiled ? TIFFTileRowSize(file) : TIFFScanlineSize(file);
  const tmsize_t length = tiled ? TIFFTileSize(file) : TIFFStripSize(file);
  if (width == 0 || height == 0 || stride <= 0 || length <= 0 || length > largest_block(picture)) return false;
  std::vector<std::uint8_t> block(static_cast<std::size_t>(length) + 2);
  for (int plane = 0; plane < samples.planes; ++plane) {
    for (std::uint64_t y = 0; y < samples.height; y += height) {
      for (std::uint64_t x = 0; x < samples.width; x += width) {
        Place place{static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), plane, 0, 0};
        place.columns = std::min(width, samples.width - place.x);
        place.rows = std::min(height, samples.height - place.y);
        const auto channel = static_cast<std::uint16_t>(plane);
        const tmsize_t read =
            tiled ? TIFFReadEncodedTile(file, TIFFComputeTile(file, place.x, place.y, 0, channel), block.data(), length)
                  : TIFFReadEncodedStrip(file, TIFFComputeStrip(file, place.y, channel), block.data(), length);
        if (read < stride * place.rows) return false;
        const auto copy = samples.format == VIPS_FORMAT_FLOAT    ? unpack<float>
                          : samples.format == VIPS_FORMAT_USHORT ? unpack<std::uint16_t>
                                                                 : unpack<std::uint8_t>;
        copy(block.data(), static_cast<std::size_t>(stride), samples, place, picture);
      }
    }
  }
  return true;
}

VipsPicture new_picture(const Samples& samples) {
  VipsPicture picture(vips_image_new_memory());
  vips_image_init_fields(picture.get(), static_cast<int>(samples.width), static_cast<int>(samples.height),
                         samples.channels, samples.format, VIPS_CODING_NONE, samples.colours, 1, 1);
  return vips_image_write_prepare(picture.get()) == 0 ? std::move(picture) : nullptr;
}

/// Colours that are multiplied with alpha as they were before, as libvips' loader gives them.
VipsPicture divided_by_alpha(VipsPicture multiplied) {
  const auto divided = result_of([&](VipsImage** out) { return vips_unpremultiply(multiplied.get(), out, nullptr); });
  if (!divided) return nullptr;
  const auto rounded = result_of([&](VipsImage** out) { return vips_rint(divided.get(), out, nullptr); });
  if (!rounded) return nullptr;
  return result_of([&](VipsImage** out) { return vips_cast(rounded.get(), out, multiplied->BandFmt, nullptr); });
}

VipsPicture decode_samples(TIFF* file, const Samples& samples) {
  VipsPicture picture = new_picture(samples);
  if (!picture || !decode_blocks(file, samples, picture.get())) return nullptr;
  std::uint16_t count = 0;
  const std::uint16_t* extra = nullptr;
  const bool multiplied =
      TIFFGetField(file, TIFFTAG_EXTRASAMPLES, &count, &extra) != 0 && count > 0 && extra[0] == EXTRASAMPLE_ASSOCALPHA;
  return multiplied ? divided_by_alpha(std::move(picture)) : std::move(picture);
}

VipsPicture decode_ycbcr(TIFF* file, const Samples& samples) {
  std::vector<std::uint32_t> pixels(std::size_t{samples.width} * samples.height);
  const int as_stored = field(file, TIFFTAG_ORIENTATION);
  if (TIFFReadRGBAImageOriented(file, samples.width, samples.height, pixels.data(), as_stored, 1) == 0) return nullptr;
  VipsPicture picture = new_picture(samples);
  if (!picture) return nullptr;
  auto* out = reinterpret_cast<std::uint8_t*>(VIPS_IMAGE_ADDR(picture.get(), 0, 0));
  for (const std::uint32_t pixel : pixels) {
    *out++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
  return picture;
}

}  // namespace

std::optional<VipsPicture> decode_tiff(std::span<const std::byte> encoded, const TiffInfo& info) {
  start_vips();
  Source source{encoded};
  const TiffFile file = open(source);
  if (!file || TIFFSetDirectory(file.get(), static_cast<tdir_t>(info.page)) == 0) return nullptr;
  const auto samples = describe(file.get());
  if (!samples) return std::nullopt;
  if (samples->width != info.width || samples->height != info.height) return nullptr;
  VipsPicture picture = samples->ycbcr ? decode_ycbcr(file.get(), *samples) : decode_samples(file.get(), *samples);
  std::uint32_t length = 0;
  const void* profile = nullptr;
  if (picture && TIFFGetField(file.get(), TIFFTAG_ICCPROFILE, &length, &profile) != 0)
    vips_image_set_blob_copy(picture.get(), VIPS_META_ICC_NAME, profile, length);
  return picture;
}

}  // namespace ldznet

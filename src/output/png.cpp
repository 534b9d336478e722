#include "output/png.h"

#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <vector>

#include "ldznet/error.h"

namespace ldznet {

namespace {

using namespace std::string_view_literals;

// zlib's level 3: for masks within a few percent of level 9's size in a quarter of the time.
constexpr int kCompression = 3;

// The type and the content of the chunk that marks our files, see the PNG specification, 11.3.4.3.
constexpr std::string_view kMark = "tEXtSoftware\0ldznet"sv;
constexpr std::size_t kTypeLength = 4;

/// Rows of a PNG file to be. `row` returns the bytes of row y, 16-bit samples with the high byte first.
struct Rows {
  int width = 0, height = 0;
  int color_type = PNG_COLOR_TYPE_GRAY;
  int bits = 8;
  std::string profile = {};  ///< compressed content of an iCCP chunk; empty: none
  std::function<const std::uint8_t*(int y)> row = nullptr;
};

/// What libpng's callbacks share. They must not throw, because libpng is C.
struct Output {
  std::string bytes;
  bool out_of_memory = false;
};

void append(png_structp png, png_bytep data, std::size_t length) {
  auto* output = static_cast<Output*>(png_get_io_ptr(png));
  try {
    output->bytes.append(reinterpret_cast<const char*>(data), length);
  } catch (const std::bad_alloc&) {
    output->out_of_memory = true;
  }
  if (output->out_of_memory) png_error(png, "memory ran out");
}

void flush(png_structp /*png*/) {}
[[noreturn]] void on_error(png_structp png, png_const_charp /*text*/) { png_longjmp(png, 1); }
void on_warning(png_structp /*png*/, png_const_charp /*text*/) {}

/// Returns whether the file could be written. Has no objects with destructors, which longjmp would skip.
bool write_rows(png_structp png, png_infop info, const Rows& rows, Output& output) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, &output, append, flush);
  png_set_compression_level(png, kCompression);
  // For probability maps, differences to the left pixel make files as small as libpng's choice of filters does, and
  // numpy can undo them without a loop over pixels.
  if (rows.bits == 16) png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_set_IHDR(png, info, static_cast<png_uint_32>(rows.width), static_cast<png_uint_32>(rows.height), rows.bits,
               rows.color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info_before_PLTE(png, info);  // the header
  const std::string_view mark = kMark.substr(kTypeLength);
  png_write_chunk(png, reinterpret_cast<png_const_bytep>(kMark.data()), reinterpret_cast<png_const_bytep>(mark.data()),
                  mark.size());
  if (!rows.profile.empty())
    png_write_chunk(png, reinterpret_cast<png_const_bytep>("iCCP"),
                    reinterpret_cast<png_const_bytep>(rows.profile.data()), rows.profile.size());
  png_write_info(png, info);
  for (int y = 0; y < rows.height; ++y) png_write_row(png, rows.row(y));
  png_write_end(png, info);
  return true;
}

std::string encode(const Rows& rows) {
  Output output;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr) throw std::bad_alloc();
  const bool written = write_rows(png, info, rows, output);
  png_destroy_write_struct(&png, &info);
  if (output.out_of_memory) throw std::bad_alloc();
  if (!written)
    throw Error(ErrorCode::internal, "cannot encode a PNG of " + std::to_string(rows.width) + " x " +
                                         std::to_string(rows.height) + " pixels");
  return std::move(output.bytes);
}

/// Rows that are in memory as they are written.
Rows stored_rows(int width, int height, int color_type, int channels, const std::vector<std::uint8_t>& pixels) {
  const std::size_t stride = static_cast<std::size_t>(width) * channels;
  return {width, height, color_type, 8, {}, [&pixels, stride](int y) { return pixels.data() + y * stride; }};
}

/// Rows of which every pixel is converted to `bytes` bytes: `convert(pixel, out)`.
template <typename Pixel, typename Convert>
std::string encode_converted(Rows rows, const std::vector<Pixel>& pixels, std::size_t bytes, Convert convert) {
  const auto width = static_cast<std::size_t>(rows.width);
  std::vector<std::uint8_t> row(width * bytes);
  rows.row = [&](int y) {
    const Pixel* in = pixels.data() + y * width;
    for (std::size_t x = 0; x < width; ++x) convert(in[x], row.data() + x * bytes);
    return row.data();
  };
  return encode(rows);
}

/// The content of an iCCP chunk, see the PNG specification, 11.3.3.3: a name, the method of compression, the profile.
/// libpng would leave out a profile that it finds fault with, and the colours would be others.
std::string profile_chunk(const std::string& profile) {
  std::string chunk("ICC\0\0"sv);
  uLongf length = compressBound(profile.size());
  std::vector<Bytef> compressed(length);
  if (compress(compressed.data(), &length, reinterpret_cast<const Bytef*>(profile.data()), profile.size()) != Z_OK)
    throw std::bad_alloc();
  chunk.append(reinterpret_cast<const char*>(compressed.data()), length);
  return chunk;
}

void put_16_bits(unsigned value, std::uint8_t* out) {
  out[0] = static_cast<std::uint8_t>(value >> 8);
  out[1] = static_cast<std::uint8_t>(value & 255);
}

}  // namespace

std::string encode_png(const Mask& mask) {
  return encode_converted(Rows{mask.width, mask.height}, mask.pixels, 1, [](std::uint8_t inside, std::uint8_t* out) {
    *out = inside != 0 ? std::uint8_t{255} : std::uint8_t{0};
  });
}

std::string encode_png(const Probability& probability) {
  const Rows rows{probability.width, probability.height, PNG_COLOR_TYPE_GRAY, 16};
  return encode_converted(rows, probability.values, 2, [](float value, std::uint8_t* out) {
    put_16_bits(static_cast<unsigned>(std::lround(std::clamp(value, 0.0F, 1.0F) * 65535)), out);
  });
}

std::string encode_png(const Image& image) {
  return encode(stored_rows(image.width, image.height, PNG_COLOR_TYPE_RGB, 3, image.rgb));
}

std::string encode_png(const RgbaImage& image) {
  Rows rows = stored_rows(image.width, image.height, PNG_COLOR_TYPE_RGBA, 4, image.rgba);
  if (!image.profile.empty()) rows.profile = profile_chunk(image.profile);
  return encode(rows);
}

std::string encode_png(const LabelMap& map, std::size_t most) {
  const bool wide = most > 255;
  const Rows rows{map.width, map.height, PNG_COLOR_TYPE_GRAY, wide ? 16 : 8};
  return encode_converted(rows, map.labels, wide ? 2 : 1, [wide](std::uint16_t label, std::uint8_t* out) {
    wide ? put_16_bits(label, out) : void(*out = static_cast<std::uint8_t>(label));
  });
}

bool has_own_mark(std::string_view start) {
  return start.starts_with("\x89PNG"sv) && start.find(kMark) != std::string_view::npos;
}

std::string encode_panoptic_png(const LabelMap& map) {
  const Rows rows{map.width, map.height, PNG_COLOR_TYPE_RGB};
  return encode_converted(rows, map.labels, 3, [](std::uint16_t label, std::uint8_t* out) {
    out[0] = static_cast<std::uint8_t>(label & 255);
    out[1] = static_cast<std::uint8_t>(label >> 8);
    out[2] = 0;
  });
}

}  // namespace ldznet

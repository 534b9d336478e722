#include "image/format/bmp.h"

#include <algorithm>
#include <array>
#include <bit>

#include "image/format/bytes.h"

namespace ldznet {
namespace {

constexpr std::uint32_t kNone = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

using Pixel = std::array<std::uint8_t, 4>;  // red, green, blue, alpha

bool is_supported(const BmpHeader& header) {
  switch (header.compression) {
    case kNone:
      return header.bits == 1 || header.bits == 2 || header.bits == 4 || header.bits == 8 || header.bits == 16 ||
             header.bits == 24 || header.bits == 32;
    case kRle8:
      return header.bits == 8;
    case kRle4:
      return header.bits == 4;
    case kBitFields:
    case kAlphaBitFields:
      return header.bits == 16 || header.bits == 32;
    default:
      return false;
  }
}

/// A field of a pixel's bits, scaled to 8 bits; 255 without a mask, which is an alpha that a picture does not have.
std::uint8_t field(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 255;
  const int shift = std::countr_zero(mask);
  const std::uint64_t most = mask >> shift, value = (pixel & mask) >> shift;
  return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

std::vector<Pixel> read_palette(const Bytes& bytes, const BmpHeader& header) {
  std::vector<Pixel> palette(std::size_t{1} << header.bits, Pixel{0, 0, 0, 255});
  for (std::size_t i = 0; i < palette.size(); ++i) {
    const std::size_t at = header.palette_at + i * header.palette_entry;
    if (at + header.palette_entry > header.pixels_at) break;
    for (std::size_t c = 0; c < 3; ++c) palette[i][c] = static_cast<std::uint8_t>(bytes.big(at + 2 - c, 1).value_or(0));
  }
  return palette;
}

/// Where the pixels of a picture with a palette are. Some programs write the palette's own offset.
std::size_t behind_palette(const Bytes& bytes, const BmpHeader& header, std::size_t said) {
  if (header.bits > 8 || said > header.palette_at) return said;
  const bool counted = header.palette_entry == 4;  // only longer headers have the number of colours
  const std::size_t colours = counted ? bytes.little(46, 4).value_or(0) : 0, most = std::size_t{1} << header.bits;
  return header.palette_at + (colours > 0 && colours < most ? colours : most) * header.palette_entry;
}

/// Puts pixels where they belong in the result.
class Canvas {
 public:
  Canvas(const BmpHeader& header, int channels)
      : width_(header.width), height_(header.height), from_top_(header.from_top) {
    pixels_.channels = channels;
    pixels_.rows.resize(width_ * height_ * static_cast<std::size_t>(channels));
  }

  /// `row` counts in the order of the file.
  void put(std::size_t column, std::size_t row, const Pixel& pixel) {
    const std::size_t y = from_top_ ? row : height_ - 1 - row;
    std::copy_n(pixel.begin(), pixels_.channels,
                pixels_.rows.begin() + static_cast<std::ptrdiff_t>((y * width_ + column) * pixels_.channels));
  }

  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }
  BmpPixels take() { return std::move(pixels_); }

 private:
  std::size_t width_, height_;
  bool from_top_;
  BmpPixels pixels_;
};

/// Decodes run lengths (RLE8 and RLE4) into palette indices. Returns whether the end of the picture was found.
bool decode_runs(const Bytes& bytes, const BmpHeader& header, const std::vector<Pixel>& palette, Canvas& canvas) {
  const int per_byte = header.bits == 4 ? 2 : 1;
  std::size_t column = 0, row = 0, at = header.pixels_at;
  const auto put = [&](std::uint32_t value, std::size_t index) {
    if (per_byte == 2) value = index % 2 == 0 ? value >> 4 : value & 15;
    if (column < canvas.width()) canvas.put(column++, row, palette[value]);
  };
  for (std::size_t y = 0; y < canvas.height(); ++y)
    for (std::size_t x = 0; x < canvas.width(); ++x) canvas.put(x, y, palette[0]);
  while (row < canvas.height()) {
    const auto count = bytes.big(at, 1), value = bytes.big(at + 1, 1);
    if (!count || !value) return column >= canvas.width() && row + 1 == canvas.height();
    at += 2;
    if (*count > 0) {
      for (std::size_t i = 0; i < *count; ++i) put(*value, i);
    } else if (*value == 0) {  // end of the row
      column = 0;
      ++row;
    } else if (*value == 1) {  // end of the picture
      return true;
    } else if (*value == 2) {  // a step to the right and up
      const auto right = bytes.big(at, 1), up = bytes.big(at + 1, 1);
      if (!right || !up) return false;
      column = std::min(column + *right, canvas.width());
      row += *up;
      at += 2;
    } else {  // as many pixels as they are
      const std::size_t length = (*value + per_byte - 1) / per_byte;
      for (std::size_t i = 0; i < *value; ++i) {
        const auto stored = bytes.big(at + i / per_byte, 1);
        if (!stored) return false;
        put(*stored, i);
      }
      at += length + length % 2;
    }
  }
  return true;
}

/// Decodes pixels that are not compressed.
bool decode_rows(const Bytes& bytes, const BmpHeader& header, const std::vector<Pixel>& palette, Canvas& canvas) {
  const std::size_t row_bits = canvas.width() * static_cast<std::size_t>(header.bits);
  const std::size_t stride = (row_bits + 31) / 32 * 4;
  if (header.pixels_at + stride * (canvas.height() - 1) + (row_bits + 7) / 8 > bytes.size()) return false;
  const std::uint32_t most = header.bits < 8 ? (1U << header.bits) - 1 : 255;
  for (std::size_t row = 0; row < canvas.height(); ++row) {
    const std::size_t start = header.pixels_at + row * stride;
    for (std::size_t x = 0; x < canvas.width(); ++x) {
      if (header.bits <= 8) {
        const std::size_t bit = x * header.bits;
        const std::uint32_t stored = *bytes.big(start + bit / 8, 1);
        canvas.put(x, row, palette[stored >> (8 - header.bits - static_cast<int>(bit % 8)) & most]);
      } else {
        const std::size_t width = static_cast<std::size_t>(header.bits) / 8;
        const std::uint32_t stored = *bytes.little(start + x * width, static_cast<int>(width));
        const auto& masks = header.masks;
        canvas.put(
            x, row,
            {field(stored, masks[0]), field(stored, masks[1]), field(stored, masks[2]), field(stored, masks[3])});
      }
    }
  }
  return true;
}

/// Drops an alpha channel that is 0 everywhere, as programs leave it that do not know of it.
void drop_unused_alpha(BmpPixels& pixels) {
  if (pixels.channels != 4) return;
  for (std::size_t i = 3; i < pixels.rows.size(); i += 4)
    if (pixels.rows[i] != 0) return;
  for (std::size_t i = 3; i < pixels.rows.size(); i += 4) pixels.rows[i] = 255;
}

}  // namespace

std::optional<BmpHeader> read_bmp_header(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  const std::uint32_t length = bytes.little(14, 4).value_or(0);
  const bool core = length == 12;  // BITMAPCOREHEADER, with 16-bit sides
  const auto width = core ? bytes.little(18, 2) : bytes.little(18, 4);
  const auto height = core ? bytes.little(20, 2) : bytes.little(22, 4);
  const auto bits = bytes.little(core ? 24 : 28, 2);
  if (length < 12 || !width || !height || !bits) return std::nullopt;
  BmpHeader header;
  const auto rows = core ? std::int64_t{*height} : std::int64_t{static_cast<std::int32_t>(*height)};
  const auto columns = core ? std::int64_t{*width} : std::int64_t{static_cast<std::int32_t>(*width)};
  if (columns <= 0 || rows == 0) return std::nullopt;
  header.width = static_cast<std::uint64_t>(columns);
  header.height = static_cast<std::uint64_t>(rows < 0 ? -rows : rows);
  header.from_top = rows < 0;
  header.bits = static_cast<int>(*bits);
  header.compression = length >= 40 ? bytes.little(30, 4).value_or(0) : kNone;
  header.palette_at = 14 + std::size_t{length};
  header.palette_entry = core ? 3 : 4;
  if (length == 64 && header.compression != kNone && header.compression != kRle8 && header.compression != kRle4)
    return std::nullopt;  // OS/2 gives other meanings to these numbers
  if (!is_supported(header)) return std::nullopt;
  header.pixels_at = behind_palette(bytes, header, bytes.little(10, 4).value_or(0));
  constexpr std::array<std::uint32_t, 3> kBytes = {0xFF0000, 0xFF00, 0xFF}, kFives = {0x7C00, 0x3E0, 0x1F};
  std::copy_n((header.bits == 16 ? kFives : kBytes).begin(), 3, header.masks);
  if (header.compression == kBitFields || header.compression == kAlphaBitFields) {
    const bool alpha = header.compression == kAlphaBitFields || length >= 56;
    for (std::size_t i = 0; i < (alpha ? 4 : 3); ++i) header.masks[i] = bytes.little(54 + 4 * i, 4).value_or(0);
    if (header.masks[0] == 0 || header.masks[1] == 0 || header.masks[2] == 0) return std::nullopt;
  }
  return header;
}

std::optional<BmpPixels> decode_bmp(std::span<const std::byte> encoded, const BmpHeader& header) {
  const Bytes bytes(encoded);
  Canvas canvas(header, header.masks[3] != 0 ? 4 : 3);
  const std::vector<Pixel> palette = header.bits <= 8 ? read_palette(bytes, header) : std::vector<Pixel>();
  const bool runs = header.compression == kRle8 || header.compression == kRle4;
  const bool whole = runs ? decode_runs(bytes, header, palette, canvas) : decode_rows(bytes, header, palette, canvas);
  if (!whole) return std::nullopt;
  BmpPixels pixels = canvas.take();
  drop_unused_alpha(pixels);
  return pixels;
}

}  // namespace ldznet

#include "mask/brush_rle.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "support/masks.h"

namespace ldznet {
namespace {

/// Reads bits, the highest of each byte first.
class BitReader {
 public:
  explicit BitReader(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  std::uint32_t read(int bits) {
    std::uint32_t value = 0;
    for (; bits > 0; --bits, ++at_) value = value << 1 | (bytes_.at(at_ / 8) >> (7 - at_ % 8) & 1);
    return value;
  }

  std::size_t left() const { return 8 * bytes_.size() - at_; }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
};

/// The format's own reading, runs and single values alike.
std::vector<std::uint8_t> unpacked(const std::vector<std::uint8_t>& packed) {
  BitReader bits(packed);
  const std::uint32_t count = bits.read(32);
  const int word = static_cast<int>(bits.read(5)) + 1;
  std::vector<int> widths;
  for (int k = 0; k < 4; ++k) widths.push_back(static_cast<int>(bits.read(4)) + 1);
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < count) {
    const bool run = bits.read(1) != 0;
    const std::uint32_t length = bits.read(widths[bits.read(2)]) + 1;
    std::uint8_t value = run ? static_cast<std::uint8_t>(bits.read(word)) : 0;
    for (std::uint32_t k = 0; k < length; ++k) {
      if (!run) value = static_cast<std::uint8_t>(bits.read(word));
      bytes.push_back(value);
    }
  }
  EXPECT_EQ(bytes.size(), count);
  EXPECT_LT(bits.left(), 8U);
  return bytes;
}

std::vector<std::uint8_t> four_channels(const Mask& mask) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint8_t pixel : mask.pixels) bytes.insert(bytes.end(), 4, pixel != 0 ? 255 : 0);
  return bytes;
}

TEST(BrushRle, KnownBytes) {
  // One row of one pixel outside and one inside: 8 bytes, words of 8 bits, widths 3, 4, 8 and 16, two runs of four.
  // 1 00 011 00000000 | 1 00 011 11111111 behind 32 + 5 + 16 bits.
  const Mask mask{2, 1, {0, 1}};
  EXPECT_EQ(encode_brush_rle(mask), (std::vector<std::uint8_t>{0, 0, 0, 8, 0x39, 0x1B, 0xFC, 0x60, 0x11, 0xFF, 0x80}));
}

TEST(BrushRle, EveryMaskComesBack) {
  for (const auto& [width, height] : std::vector<std::pair<int, int>>{{1, 1}, {7, 5}, {64, 48}, {300, 200}})
    for (unsigned seed = 0; seed < 4; ++seed) {
      const Mask mask = test::noise_mask(width, height, seed, 0.3);
      EXPECT_EQ(unpacked(encode_brush_rle(mask)), four_channels(mask)) << width << " x " << height;
    }
}

TEST(BrushRle, RunsBeyondTheLongestAreDivided) {
  for (const int pixels : {1, 2, 4, 5, 64, 65, 16384, 16385, 40000}) {
    const Mask mask{pixels, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(pixels), 1)};
    EXPECT_EQ(unpacked(encode_brush_rle(mask)), four_channels(mask)) << pixels;
  }
}

}  // namespace
}  // namespace ldznet

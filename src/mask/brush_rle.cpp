#include "mask/brush_rle.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "ldznet/error.h"

namespace ldznet {

namespace {

constexpr int kByteBits = 8;
constexpr std::array<int, 4> kLengthBits = {3, 4, 8, 16};
constexpr std::uint64_t kLongestRun = std::uint64_t{1} << kLengthBits.back();
constexpr std::uint64_t kChannels = 4;

/// Packs bits into bytes, the highest bit first.
class Bits {
 public:
  void put(std::uint64_t value, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() |= static_cast<std::uint8_t>((value >> bit & 1) << (kByteBits - 1 - used_));
      used_ = (used_ + 1) % kByteBits;
    }
  }

  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  int used_ = 0;  ///< bits used in the last byte
};

void put_run(Bits& bits, std::uint64_t length, std::uint8_t value) {
  for (; length > 0; length -= std::min(length, kLongestRun)) {
    const std::uint64_t part = std::min(length, kLongestRun);
    std::size_t width = 0;
    while (part > std::uint64_t{1} << kLengthBits[width]) ++width;
    bits.put(1, 1);
    bits.put(width, 2);
    bits.put(part - 1, kLengthBits[width]);
    bits.put(value, kByteBits);
  }
}

}  // namespace

std::vector<std::uint8_t> encode_brush_rle(const Mask& mask) {
  const std::uint64_t bytes = kChannels * mask.pixels.size();
  if (bytes > std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorCode::bad_image, "the mask has too many pixels for Label Studio's run lengths",
                "Leave the picture out of the Label Studio file.");
  Bits bits;
  bits.put(bytes, 32);
  bits.put(kByteBits - 1, 5);
  for (const int width : kLengthBits) bits.put(static_cast<std::uint64_t>(width - 1), 4);
  for (auto run = mask.pixels.begin(); run != mask.pixels.end();) {
    const auto end = std::find_if(run, mask.pixels.end(), [&](std::uint8_t pixel) { return pixel != *run; });
    put_run(bits, kChannels * static_cast<std::uint64_t>(end - run), *run != 0 ? 255 : 0);
    run = end;
  }
  return bits.take();
}

}  // namespace ldznet

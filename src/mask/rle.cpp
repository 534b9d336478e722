#include "ldznet/rle.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "ldznet/error.h"

namespace ldznet {

namespace {

// A number is a sequence of groups of five bits, the lowest first, each a character from kFirst on. kMore marks groups
// that another one follows; the highest bit of the last group is the sign.
constexpr char kFirst = '0';
constexpr int kGroupBits = 5;
constexpr std::int64_t kGroup = 0x1f, kSign = 0x10, kMore = 0x20;

[[noreturn]] void fail(const std::string& problem) {
  throw Error(ErrorCode::bad_image, "the run-length encoded mask " + problem,
              "Its counts and size must be those of one COCO mask.");
}

void append_number(std::int64_t value, std::string& out) {
  for (bool more = true; more;) {
    std::int64_t group = value & kGroup;
    value >>= kGroupBits;
    more = value != ((group & kSign) != 0 ? -1 : 0);
    if (more) group |= kMore;
    out.push_back(static_cast<char>(kFirst + group));
  }
}

std::int64_t read_number(std::string_view counts, std::size_t& at) {
  std::int64_t value = 0;
  for (int shift = 0; shift <= 6 * kGroupBits; shift += kGroupBits) {
    if (at == counts.size()) fail("ends in the middle of a number");
    const std::int64_t group = counts[at++] - kFirst;
    if (group < 0 || group > (kGroup | kMore)) fail("has a character that COCO does not use");
    value |= (group & kGroup) << shift;
    if ((group & kMore) != 0) continue;
    if ((group & kSign) != 0) value -= std::int64_t{1} << (shift + kGroupBits);
    return value;
  }
  fail("has a number that is too large");
}

}  // namespace

std::vector<std::uint32_t> run_lengths(const Mask& mask) {
  std::vector<std::uint32_t> runs;
  std::uint8_t current = 0;
  std::uint32_t length = 0;
  for (int x = 0; x < mask.width; ++x) {
    for (int y = 0; y < mask.height; ++y) {
      const std::uint8_t pixel = mask.pixels[static_cast<std::size_t>(y) * mask.width + x];
      if (pixel != current) {
        runs.push_back(length);
        length = 0;
        current = pixel;
      }
      ++length;
    }
  }
  runs.push_back(length);
  return runs;
}

Mask mask_from_runs(std::span<const std::uint32_t> runs, int width, int height) {
  if (width < 0 || height < 0) fail("has a negative size");
  const std::size_t total = static_cast<std::size_t>(width) * height;
  std::vector<std::uint8_t> columns;  // the pixels in COCO's order
  std::size_t covered = 0;
  for (const std::uint32_t run : runs) covered += run;
  if (covered != total) fail("covers " + std::to_string(covered) + " pixels, its size has " + std::to_string(total));
  columns.reserve(total);
  for (std::size_t i = 0; i < runs.size(); ++i) columns.insert(columns.end(), runs[i], i % 2);
  Mask mask{width, height, std::vector<std::uint8_t>(total)};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      mask.pixels[static_cast<std::size_t>(y) * width + x] = columns[static_cast<std::size_t>(x) * height + y];
  return mask;
}

std::string encode_rle(const Mask& mask) { return compress_runs(run_lengths(mask)); }

std::string compress_runs(std::span<const std::uint32_t> runs) {
  std::string counts;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    // From the fourth on, a run is stored as the difference from the previous run of the same value.
    const std::int64_t base = i > 2 ? runs[i - 2] : 0;
    append_number(runs[i] - base, counts);
  }
  return counts;
}

Mask decode_rle(std::string_view counts, int width, int height) {
  std::vector<std::uint32_t> runs;
  for (std::size_t at = 0; at < counts.size();) {
    std::int64_t run = read_number(counts, at);
    if (runs.size() > 2) run += runs[runs.size() - 2];
    if (run < 0 || run > std::numeric_limits<std::uint32_t>::max())
      fail("has a run of " + std::to_string(run) + " pixels");
    runs.push_back(static_cast<std::uint32_t>(run));
  }
  return mask_from_runs(runs, width, height);
}

}  // namespace ldznet

#include "image/format/pnm.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>

#include "image/format/bytes.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

bool is_space(int character) { return character >= 0 && std::isspace(character) != 0; }

/// Reads the numbers of a PNM header.
class PnmReader {
 public:
  explicit PnmReader(std::span<const std::byte> encoded) : bytes_(encoded) {}

  std::size_t position() const { return at_; }
  bool at_end() const { return at_ >= bytes_.size(); }

  /// The next number; nothing at the end or before another character.
  std::optional<std::uint64_t> number() {
    while (is_space(character()) || character() == '#') {
      if (character() == '#') {
        while (!at_end() && character() != '\n' && character() != '\r') ++at_;
      } else {
        ++at_;
      }
    }
    if (!is_digit()) return std::nullopt;
    constexpr std::uint64_t kMost = 1'000'000'000'000;
    std::uint64_t value = 0;
    for (; is_digit(); ++at_) value = std::min(value * 10 + static_cast<std::uint64_t>(character() - '0'), kMost);
    return value;
  }

  /// The scale of a PFM header, whose sign says the byte order; nothing when it is no number.
  std::optional<double> scale() {
    while (is_space(character())) ++at_;
    const auto rest = bytes_.part(at_, 32);
    const char* const start = reinterpret_cast<const char*>(rest.data());
    double value = 0;
    const auto [end, error] = std::from_chars(start, start + rest.size(), value);
    if (error != std::errc() || !std::isfinite(value) || value == 0) return std::nullopt;
    at_ += static_cast<std::size_t>(end - start);
    return value;
  }

  /// Whether white space, or the end of the data, follows.
  bool ends_here() const { return at_end() || is_space(character()); }

 private:
  int character() const { return at_end() ? -1 : static_cast<int>(*bytes_.big(at_, 1)); }
  bool is_digit() const { return character() >= '0' && character() <= '9'; }

  Bytes bytes_;
  std::size_t at_ = 2;
};

}  // namespace

std::uint64_t PnmHeader::least_bytes() const {
  const std::uint64_t pixels = width * height, sample = white > 255 ? 2 : 1;
  switch (kind) {
    case '2':
      return pixels * 2 - std::min<std::uint64_t>(pixels, 1);  // a digit each, with a space between
    case '3':
      return pixels * 6 - std::min<std::uint64_t>(pixels, 1);
    case '4':
      return (width + 7) / 8 * height;
    case '6':
      return pixels * 3 * sample;
    case 'f':
      return pixels * 4;
    case 'F':
      return pixels * 12;
    default:
      return pixels * sample;
  }
}

std::optional<PnmHeader> read_pnm_header(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  const auto kind = bytes.big(1, 1);
  const bool floating = kind == 'f' || kind == 'F';
  if (!bytes.has(0, "P"sv) || !kind || (!floating && (*kind < '1' || *kind > '6'))) return std::nullopt;
  const auto next = bytes.big(2, 1);
  if (!next || (*next != '#' && !is_space(static_cast<int>(*next)))) return std::nullopt;
  const bool integers = !floating && *kind != '1' && *kind != '4';
  PnmReader reader(encoded);
  std::array<std::uint64_t, 3> numbers = {0, 0, 1};
  for (std::size_t i = 0; i < (integers ? 3 : 2); ++i) {
    const auto number = reader.number();
    if (!number && !reader.at_end()) return std::nullopt;
    if (!number) return PnmHeader{};
    numbers[i] = *number;
  }
  if (floating && !reader.at_end() && !reader.scale()) return std::nullopt;
  if (!reader.ends_here() || numbers[2] == 0 || numbers[2] > 65535) return std::nullopt;
  return PnmHeader{numbers[0], numbers[1], floating, static_cast<std::uint32_t>(numbers[2]), static_cast<char>(*kind)};
}

std::vector<std::byte> with_separate_pixels(std::span<const std::byte> encoded) {
  if (!Bytes(encoded).has(0, "P1"sv)) return {};
  PnmReader reader(encoded);
  if (!reader.number() || !reader.number()) return {};
  const auto head = encoded.first(reader.position());
  std::vector<std::byte> separate(head.begin(), head.end());
  for (const std::byte character : encoded.subspan(head.size())) {
    const bool is_pixel = character == std::byte{'0'} || character == std::byte{'1'};
    if (is_pixel) separate.push_back(std::byte{' '});
    separate.push_back(character);
  }
  return separate;
}

}  // namespace ldznet

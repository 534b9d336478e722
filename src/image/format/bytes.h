#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ldznet {

/// Bounds-checked access to encoded data: reading past the end yields nothing.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> data) : data_(data) {}

  std::size_t size() const { return data_.size(); }

  /// The `width` bytes (1 to 4) at offset `at` as an unsigned number.
  std::optional<std::uint32_t> number(std::size_t at, int width, bool big_endian) const {
    if (at > data_.size() || data_.size() - at < static_cast<std::size_t>(width)) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < width; ++i) {
      const int shift = 8 * (big_endian ? width - 1 - i : i);
      value |= std::to_integer<std::uint32_t>(data_[at + i]) << shift;
    }
    return value;
  }
  std::optional<std::uint32_t> big(std::size_t at, int width) const { return number(at, width, true); }
  std::optional<std::uint32_t> little(std::size_t at, int width) const { return number(at, width, false); }

  /// Whether the bytes at offset `at` equal `text`.
  bool has(std::size_t at, std::string_view text) const {
    return at <= data_.size() && data_.size() - at >= text.size() &&
           std::string_view(reinterpret_cast<const char*>(data_.data()) + at, text.size()) == text;
  }

  /// At most `length` bytes from offset `at`.
  std::span<const std::byte> part(std::size_t at, std::size_t length) const {
    if (at >= data_.size()) return {};
    return data_.subspan(at, std::min(length, data_.size() - at));
  }

 private:
  std::span<const std::byte> data_;
};

}  // namespace ldznet

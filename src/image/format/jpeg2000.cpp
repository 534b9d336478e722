#include "image/format/jpeg2000.h"

#include <string_view>

#include "image/format/bytes.h"

namespace ldznet {

std::optional<Jpeg2000Size> read_jpeg2000_size(std::span<const std::byte> encoded) {
  using namespace std::string_view_literals;
  const std::string_view text(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  const std::size_t start = text.find("\xFF\x4F\xFF\x51"sv);  // start of code stream, size
  if (start == std::string_view::npos) return std::nullopt;
  const Bytes bytes(encoded);
  const auto right = bytes.big(start + 8, 4), bottom = bytes.big(start + 12, 4);
  const auto left = bytes.big(start + 16, 4), top = bytes.big(start + 20, 4);
  if (!right || !bottom || !left || !top || *left >= *right || *top >= *bottom) return std::nullopt;
  return Jpeg2000Size{*right - *left, *bottom - *top};
}

}  // namespace ldznet

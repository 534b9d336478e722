#include "base/printable.h"

#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace ldznet {

std::string printable(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\\') {
      safe += "\\\\";
    } else if (letter == '\t') {
      safe += "\\t";
    } else if (letter == '\n') {
      safe += "\\n";
    } else if (letter == '\r') {
      safe += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> digits{};
      std::snprintf(digits.data(), digits.size(), "\\x%02x", byte);
      safe += digits.data();
    } else {
      safe += letter;
    }
  }
  return safe;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::int32_t code_point = -1;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    width += length > 0 ? static_cast<std::size_t>(utf8proc_charwidth(code_point)) : 1;
    at += length > 0 ? static_cast<std::size_t>(length) : 1;
  }
  return width;
}

}  // namespace ldznet

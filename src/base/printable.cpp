#include "base/printable.h"

#include <array>
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

}  // namespace ldznet

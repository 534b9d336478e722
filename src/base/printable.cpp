#include "base/printable.h"

#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace ldznet {

namespace {

/// A character, or a byte that is not part of any.
struct Letter {
  std::int32_t code_point;  ///< -1: not UTF-8
  std::string_view bytes;
};

Letter first_letter(std::string_view text) {
  std::int32_t code_point = -1;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  return {length > 0 ? code_point : -1, text.substr(0, length > 0 ? static_cast<std::size_t>(length) : 1)};
}

/// Whether a terminal may act on the character instead of showing it: controls, line separators, and marks that turn
/// the direction of writing for what follows.
bool is_control(std::int32_t code_point) {
  if (code_point >= 0x202A && code_point <= 0x202E) return true;
  if (code_point >= 0x2066 && code_point <= 0x2069) return true;
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

std::string in_digits(const char* format, unsigned value) {
  std::array<char, 12> digits{};
  std::snprintf(digits.data(), digits.size(), format, value);
  return digits.data();
}

std::string escaped(const Letter& letter) {
  switch (letter.code_point) {
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  const auto code_point = static_cast<unsigned>(letter.code_point);
  if (letter.code_point >= 0x80) return in_digits("\\u%04x", code_point);
  return in_digits("\\x%02x", letter.code_point < 0 ? static_cast<unsigned char>(letter.bytes.front()) : code_point);
}

std::string shown(const Letter& letter) {
  return letter.code_point < 0 || is_control(letter.code_point) ? escaped(letter) : std::string(letter.bytes);
}

template <typename Escape>
std::string each_letter(std::string_view text, const Escape& escape) {
  std::string result;
  for (Letter letter; !text.empty(); text.remove_prefix(letter.bytes.size())) {
    letter = first_letter(text);
    result += escape(letter);
  }
  return result;
}

}  // namespace

std::string printable(std::string_view text) {
  return each_letter(text, [](const Letter& letter) { return letter.code_point == '\\' ? "\\\\" : shown(letter); });
}

std::string safe_lines(std::string_view text) {
  return each_letter(text, [](const Letter& letter) { return letter.code_point == '\n' ? "\n  " : shown(letter); });
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (Letter letter; !text.empty(); text.remove_prefix(letter.bytes.size())) {
    letter = first_letter(text);
    width += letter.code_point < 0 ? 1 : static_cast<std::size_t>(utf8proc_charwidth(letter.code_point));
  }
  return width;
}

}  // namespace ldznet

#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "ldznet/error.h"
#include "text/unicode_tables.h"

namespace ldznet {

namespace {

using namespace unicode_tables;

bool contains(std::span<const Range> ranges, char32_t character) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), character,
                                      [](char32_t value, const Range& range) { return value < range.first; });
  return after != ranges.begin() && character <= std::prev(after)->last;
}

/// Appends the NFC of `text`, which has no characters of kInertInNfc, to `out`.
void append_composed(std::u32string_view text, std::u32string& out) {
  std::vector<utf8proc_int32_t> parts;
  parts.reserve(text.size());
  for (const char32_t character : text) {
    std::array<utf8proc_int32_t, 8> decomposed{};  // a canonical decomposition has at most 4
    int boundary = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), decomposed.data(),
                                               decomposed.size(), UTF8PROC_DECOMPOSE, &boundary);
    parts.insert(parts.end(), decomposed.begin(), decomposed.begin() + count);
  }
  // Canonical ordering: stable-sorts the marks between two starters by combining class. (utf8proc's own ordering takes
  // quadratic time for a long run of marks.)
  const auto combining = [](utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; };
  for (auto first = parts.begin(); first != parts.end();) {
    const auto last = std::find_if(std::next(first), parts.end(), [&](auto c) { return combining(c) == 0; });
    std::stable_sort(first, last, [&](auto a, auto b) { return combining(a) < combining(b); });
    first = last;
  }
  const auto length = utf8proc_normalize_utf32(parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
                                               static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
  out.insert(out.end(), parts.begin(), parts.begin() + length);
}

/// NFC as of Unicode 9.
std::u32string compose(std::u32string_view text) {
  std::u32string composed;
  composed.reserve(text.size());
  const auto inert = [](char32_t character) { return contains(kInertInNfc, character); };
  for (auto first = text.begin(); first != text.end();) {
    const auto last = std::find_if(first, text.end(), inert);
    append_composed({first, last}, composed);
    first = last;
    if (first != text.end()) composed.push_back(*first++);
  }
  return composed;
}

void append_lower(char32_t character, std::u32string& out) {
  constexpr char32_t kDottedCapitalI = 0x130;  // the only character whose lower case is two characters
  for (const Capitals& capitals : kNewCapitals) {
    const Range& range = capitals.range;
    if (range.first <= character && character <= range.last) character = capitals.lower + (character - range.first);
  }
  if (character == kDottedCapitalI)
    out += U"i\u0307";
  else
    out.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(character))));
}

}  // namespace

CharacterKind kind(char32_t character) {
  if (contains(kWhiteSpace, character)) return CharacterKind::space;
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(character));
  const auto in = [&](utf8proc_category_t first, utf8proc_category_t last) {
    return category >= first && category <= last;
  };
  if (in(UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LO) || contains(kNewLetters, character)) return CharacterKind::letter;
  if (in(UTF8PROC_CATEGORY_ND, UTF8PROC_CATEGORY_NO) || contains(kNewNumbers, character)) return CharacterKind::number;
  return CharacterKind::other;
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string decoded;
  decoded.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  for (utf8proc_ssize_t at = 0; at < size;) {
    utf8proc_int32_t character = 0;
    const utf8proc_ssize_t read = utf8proc_iterate(bytes + at, size - at, &character);
    if (read <= 0)
      throw Error(ErrorCode::usage, "the prompt is not valid UTF-8 at byte " + std::to_string(at + 1),
                  "Give prompts in UTF-8.");
    decoded.push_back(static_cast<char32_t>(character));
    at += read;
  }
  return decoded;
}

std::u32string normalize(std::string_view text) {
  const std::u32string composed = compose(decode_utf8(text));
  std::u32string normal;
  normal.reserve(composed.size());
  bool in_space = false;
  for (const char32_t character : composed) {
    const bool space = contains(kWhiteSpace, character);
    if (!space) append_lower(character, normal);
    if (space && !in_space) normal.push_back(U' ');
    in_space = space;
  }
  return normal;
}

std::string to_utf8(std::u32string_view text) {
  std::string encoded;
  for (const char32_t character : text) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
    encoded.append(bytes.begin(), bytes.begin() + count);
  }
  return encoded;
}

}  // namespace ldznet

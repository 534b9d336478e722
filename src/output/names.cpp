#include "output/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "ldznet/error.h"

namespace ldznet {

namespace {

constexpr std::size_t kLongestSlug = 120;  // bytes; leaves about as many for the picture's name
constexpr std::int32_t kJoiner = 0x200D;   // zero-width joiner, part of some emoji

/// ~ and eight hex digits.
std::string hash_mark(std::string_view text) {
  const std::uint64_t hash = stable_hash(text);
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "~%08x", static_cast<unsigned>(hash >> 32 ^ hash));
  return digits.data();
}

/// Calls `take(code_point, bytes)` for every character; the code point is -1 for a byte that is not UTF-8.
template <typename Take>
void for_each_character(const std::string& text, Take&& take) {
  for (std::size_t at = 0; at < text.size();) {
    std::int32_t code_point = -1;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    const std::size_t count = length > 0 ? static_cast<std::size_t>(length) : 1;
    take(length > 0 ? code_point : -1, std::string_view(text).substr(at, count));
    at += count;
  }
}

bool is_slug_character(std::int32_t code_point) {
  if (code_point < 0) return false;
  if (code_point < 128)
    return (code_point >= '0' && code_point <= '9') || (code_point >= 'a' && code_point <= 'z') ||
           (code_point >= 'A' && code_point <= 'Z') || code_point == '_';
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
      return true;
    default:
      return code_point == kJoiner;
  }
}

/// Characters that file systems accept but names should not contain: they are invisible, move the cursor, or change the
/// writing direction.
bool is_hidden(std::int32_t code_point) {
  if (code_point < 0) return true;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    case UTF8PROC_CATEGORY_CF:
      return code_point != kJoiner;
    default:
      return false;
  }
}

/// The longest prefix of at most `bytes` bytes that does not end inside a character.
std::string cut(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string without_case(const std::string& text) {
  std::string lower;
  for_each_character(text, [&](std::int32_t code_point, std::string_view) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto count = utf8proc_encode_char(utf8proc_tolower(code_point), bytes.data());
    lower.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
  });
  return lower;
}

/// The prompt with words for the signs of its modifiers, which a slug leaves out: "panda{grow 8}" for "panda{+8}".
std::string spelled_out(const std::string& prompt) {
  constexpr std::string_view kSigns = "+-~*/>";
  constexpr std::array kWords = {"grow ", "shrink ", "feather ", "multiply ", "divide ", "threshold "};
  std::string text;
  for (std::size_t at = 0; at < prompt.size(); ++at) {
    text += prompt[at];
    const std::size_t sign_at = prompt[at] == '{' ? prompt.find_first_not_of(' ', at + 1) : std::string::npos;
    const std::size_t sign = sign_at == std::string::npos ? sign_at : kSigns.find(prompt[sign_at]);
    if (sign == std::string_view::npos) continue;
    text += kWords[sign];
    at = sign_at;
  }
  return text;
}

/// The slug of a prompt on its own.
std::string plain_slug(const std::string& prompt) {
  std::string slug;
  bool gap = false;
  for_each_character(spelled_out(prompt), [&](std::int32_t code_point, std::string_view bytes) {
    if (!is_slug_character(code_point)) {
      gap = true;
      return;
    }
    if (gap && !slug.empty()) slug += '-';
    gap = false;
    slug += bytes;
  });
  if (slug.empty()) return "prompt" + hash_mark(prompt);
  const std::string mark = hash_mark(prompt);
  return slug.size() <= kLongestSlug ? slug : cut(slug, kLongestSlug - mark.size()) + mark;
}

std::string safe_component(const std::string& component) {
  std::string safe = component.starts_with('.') || component.starts_with('-') ? "_" : "";
  bool lost = false;
  for_each_character(component, [&](std::int32_t code_point, std::string_view bytes) {
    lost = lost || is_hidden(code_point);
    safe += is_hidden(code_point) ? "_" : bytes;
  });
  return lost ? safe + hash_mark(component) : safe;
}

}  // namespace

std::vector<std::string> slugs(const std::vector<std::string>& prompts) {
  std::vector<std::string> made;
  std::map<std::string, int> uses;
  for (const std::string& prompt : prompts) {
    made.push_back(plain_slug(prompt));
    ++uses[without_case(made.back())];
  }
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    if (uses[without_case(made[i])] > 1 && made[i].find('~') == std::string::npos)
      made[i] = cut(made[i], kLongestSlug - hash_mark("").size()) + hash_mark(prompts[i]);
    if (!distinct.insert(without_case(made[i])).second)
      throw Error(ErrorCode::usage,
                  "the prompt \"" + prompts[i] + "\" and an earlier one would have the same file names",
                  "Leave one of them out, or word it differently.");
  }
  return made;
}

std::string safe_path(const std::string& relative) {
  std::string path;
  for (const std::string& component : split(relative, '/'))
    if (!component.empty() && component != ".")
      path += (path.empty() ? "" : "/") + fitted_name(safe_component(component), "");
  return path;
}

std::string fitted_name(const std::string& stem, const std::string& ending) {
  if (stem.size() + ending.size() <= kLongestName) return stem + ending;
  const std::string mark = hash_mark(stem);
  return cut(stem, kLongestName - ending.size() - mark.size()) + mark + ending;
}

}  // namespace ldznet

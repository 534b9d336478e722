#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ldznet {

/// The parts of the text between the separators, empty ones included: "a,,b" -> "a", "", "b".
inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The texts with ", " between them, and `last` before the last one: "mask, overlay or labels" for `last` = " or ".
inline std::string joined(const std::vector<std::string>& texts, std::string_view last = ", ") {
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) all += i + 1 == texts.size() ? last : ", ";
    all += texts[i];
  }
  return all;
}

/// Rows of cells; the first row has the titles of the columns.
using TextTable = std::vector<std::vector<std::string>>;

/// Appends the value unless the list has it.
template <typename Value>
void append_new(std::vector<Value>& list, const Value& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

/// The text without white space at its ends.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Whether the text is empty or white space only.
inline bool is_blank(std::string_view text) { return trimmed(text).empty(); }

/// "1 mask", "2 masks".
inline std::string counted(std::size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

}  // namespace ldznet

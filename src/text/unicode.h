#pragma once

#include <string>
#include <string_view>

namespace ldznet {

/// What CLIP's word pattern tells apart.
enum class CharacterKind {
  letter,  ///< \p{L}
  number,  ///< \p{N}
  space,   ///< \s
  other,   ///< [^\s\p{L}\p{N}]
};

/// The kind of a code point.
CharacterKind kind(char32_t character);

/// The text as CLIP's vocabulary was learned on: NFC, every run of white space one space, lower case character by
/// character (so without the final-sigma rule). Throws Error(usage) when `text` is not valid UTF-8.
std::u32string normalize(std::string_view text);

/// UTF-8 of valid code points.
std::string to_utf8(std::u32string_view text);

}  // namespace ldznet

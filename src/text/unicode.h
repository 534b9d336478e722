#pragma once

#include <string>
#include <string_view>

namespace ldznet {

/// The character classes of CLIP's word pattern.
enum class CharacterKind {
  letter,  ///< \p{L}
  number,  ///< \p{N}
  space,   ///< \s
  other,   ///< [^\s\p{L}\p{N}]
};

/// The class of a code point.
CharacterKind kind(char32_t character);

/// The code points of a text. Throws Error(usage) when it is not valid UTF-8.
std::u32string decode_utf8(std::string_view text);

/// Normalizes text as for CLIP's training: NFC, runs of white space collapsed to one space, lower case per character
/// (so without the final-sigma rule). Throws Error(usage) when `text` is not valid UTF-8.
std::u32string normalize(std::string_view text);

/// Encodes valid code points as UTF-8.
std::string to_utf8(std::u32string_view text);

}  // namespace ldznet

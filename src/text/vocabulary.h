#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ldznet {

/// A byte-pair vocabulary in CLIP's layout, with pieces as ids.
struct Vocabulary {
  /// The piece that two neighbouring pieces merge into. Lower ranks are merged first.
  struct Merge {
    std::int32_t rank = 0;
    std::int32_t piece = 0;
  };

  std::unordered_map<std::uint64_t, Merge> merges;  ///< by `pair(left, right)`
  std::array<std::int32_t, 256> bytes{};            ///< the piece of every byte
  std::array<std::int32_t, 256> last_bytes{};       ///< the same at the end of a word ("</w>")
  std::int32_t start = 0;                           ///< "<|startoftext|>"
  std::int32_t end = 0;                             ///< "<|endoftext|>"; also used for bytes without a piece
  std::size_t size = 0;                             ///< number of pieces
  std::int32_t largest = 0;                         ///< the largest piece

  /// The key of a pair of neighbouring pieces.
  static std::uint64_t pair(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
  }
};

/// A file's content and its path, for messages.
struct NamedText {
  std::filesystem::path path;
  std::string_view text;
};

/// Parses `vocab.json` (piece -> id) and `merges.txt` (an optional `#version` line, then two pieces per line, lowest
/// rank first). Throws Error(bad_config), which names the file and the line or piece.
Vocabulary parse_vocabulary(const NamedText& vocab_json, const NamedText& merges_txt);

}  // namespace ldznet

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
  /// What two neighbouring pieces become. The merge with the lowest rank goes first.
  struct Merge {
    std::int32_t rank = 0;
    std::int32_t piece = 0;
  };

  std::unordered_map<std::uint64_t, Merge> merges;  ///< by `pair(left, right)`
  std::array<std::int32_t, 256> bytes{};            ///< the piece of each byte
  std::array<std::int32_t, 256> last_bytes{};       ///< the same at the end of a word ("</w>")
  std::int32_t start = 0;                           ///< "<|startoftext|>"
  std::int32_t end = 0;                             ///< "<|endoftext|>"; also stands for bytes without a piece
  std::size_t size = 0;                             ///< number of pieces

  /// The key of two neighbouring pieces.
  static std::uint64_t pair(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
  }
};

/// A file's content, and its path for messages.
struct NamedText {
  std::filesystem::path path;
  std::string_view text;
};

/// Reads `vocab.json` (piece -> id) and `merges.txt` (two pieces a line, most important first, below an optional
/// `#version` line). Throws Error(bad_config) naming the file and the line or piece.
Vocabulary parse_vocabulary(const NamedText& vocab_json, const NamedText& merges_txt);

}  // namespace ldznet

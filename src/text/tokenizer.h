#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bundle/verified_file.h"
#include "ldznet/bundle.h"
#include "text/vocabulary.h"

namespace ldznet {

/// CLIP's byte-pair tokenizer: prompt -> token ids, identical to Hugging Face's CLIPTokenizerFast with Stable
/// Diffusion's vocabulary. Safe to call from several threads.
class Tokenizer {
 public:
  /// Parses a vocabulary, for rows of L = `length` tokens (77 in CLIP). Throws Error(bad_config), which names the file
  /// and the wrong line or piece.
  static Tokenizer parse(const NamedText& vocab_json, const NamedText& merges_txt, int length);

  /// Reads and verifies a bundle's vocabulary files. Throws Error(bad_config).
  static Tokenizer of_bundle(const std::filesystem::path& bundle, const Manifest& manifest, OnMismatch on_mismatch);

  /// L ids: the start token, the prompt's pieces, the end token, and padding with end tokens, as in Stable Diffusion.
  /// Keeps at most L - 2 pieces; sets `truncated` when there are more. Throws Error(usage) when the prompt is not valid
  /// UTF-8.
  std::vector<std::int64_t> encode(const std::string& prompt, bool* truncated = nullptr) const;

  /// The ids of the whole prompt, without start token, end token, padding or limit. Throws as `encode` does.
  std::vector<std::int64_t> pieces(const std::string& prompt) const;

  int length() const { return length_; }                            ///< L
  std::size_t vocabulary_size() const { return vocabulary_.size; }  ///< number of ids
  std::int64_t largest_id() const { return vocabulary_.largest; }

 private:
  Tokenizer(Vocabulary vocabulary, int length);

  Vocabulary vocabulary_;
  int length_;
};

}  // namespace ldznet

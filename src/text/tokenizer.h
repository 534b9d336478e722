#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bundle/verified_file.h"
#include "ldznet/bundle.h"
#include "text/vocabulary.h"

namespace ldznet {

/// CLIP's byte-pair tokenizer: prompt -> token ids, equal to those of Hugging Face's CLIPTokenizerFast with the
/// tokenizer that ships with Stable Diffusion. Calls may come from several threads.
class Tokenizer {
 public:
  /// A vocabulary for prompts of L = `length` tokens (77 in CLIP). Throws Error(bad_config) naming the file and
  /// the line or piece that is wrong.
  static Tokenizer parse(const NamedText& vocab_json, const NamedText& merges_txt, int length);

  /// Reads a bundle's vocabulary after comparing its files with the manifest. Throws Error(bad_config).
  static Tokenizer of_bundle(const std::filesystem::path& bundle, const Manifest& manifest, OnMismatch on_mismatch);

  /// L ids: the start token, the prompt's pieces, the end token, and the end token again up to L, as Stable Diffusion
  /// pads. Of a longer prompt the first L - 2 pieces are kept and `truncated` is set. Throws Error(usage) when the
  /// prompt is not valid UTF-8.
  std::vector<std::int64_t> encode(const std::string& prompt, bool* truncated = nullptr) const;

  /// The ids of the whole prompt, without start, end, padding or limit. Throws as `encode`.
  std::vector<std::int64_t> pieces(const std::string& prompt) const;

  int length() const { return length_; }                            ///< L
  std::size_t vocabulary_size() const { return vocabulary_.size; }  ///< number of different ids

 private:
  Tokenizer(Vocabulary vocabulary, int length);

  Vocabulary vocabulary_;
  int length_;
};

}  // namespace ldznet

#pragma once

#include <torch/script.h>

#include <list>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "bundle/loader.h"
#include "text/tokenizer.h"

namespace ldznet {

/// CLIP's tokenizer and text transformer: prompts -> context. Safe to call from several threads.
class TextEncoder {
 public:
  /// Loads the vocabulary and `text_encoder.pt`, and runs it once. Throws what Network's constructor throws, and
  /// Error(bad_config) when the network does not take every token id of the vocabulary, or not L of them.
  explicit TextEncoder(const NetworkSource& source);

  /// The context, float32 (B,L,D), of B prompts: the last layer's states of all L tokens. Logs a warning when it
  /// encodes a prompt of more than L tokens, which is truncated.
  at::Tensor context(std::span<const std::string> prompts) const;

  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  /// An LRU cache of contexts, so that a run encodes each prompt once and not once per image.
  class Cache {
   public:
    /// The context of a prompt, or an undefined tensor.
    at::Tensor find(const std::string& prompt);
    void insert(const std::string& prompt, const at::Tensor& context);

    /// Raises the capacity to at least `prompts`.
    void reserve(std::size_t prompts);

   private:
    using Entry = std::pair<std::string, at::Tensor>;
    std::mutex mutex_;
    std::size_t capacity_ = 0;
    std::list<Entry> entries_;  ///< most recently used first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_prompt_;
  };

  at::Tensor encode(const std::string& prompt) const;
  at::Tensor encode(const std::vector<std::int64_t>& ids) const;

  Network network_;
  Tokenizer tokenizer_;
  mutable Cache cache_;
};

}  // namespace ldznet

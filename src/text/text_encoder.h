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

/// CLIP's text transformer behind its tokenizer: prompts -> context. Calls may come from several threads.
class TextEncoder {
 public:
  /// Loads the vocabulary and `text_encoder.pt`. Throws what Network's constructor throws.
  explicit TextEncoder(const NetworkSource& source);

  /// context, float32 (B,L,D), of B prompts: the last layer's states of all L tokens. A prompt that is cut because it
  /// has more than L tokens is logged as a warning once.
  at::Tensor context(std::span<const std::string> prompts) const;

  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  /// The contexts of the prompts used last, so that the images of a run do not encode the same prompts again.
  class Cache {
   public:
    /// The context of a prompt, or an undefined tensor.
    at::Tensor find(const std::string& prompt);
    void insert(const std::string& prompt, const at::Tensor& context);

    /// From now on that many prompts stay; never fewer than before.
    void make_room(std::size_t prompts);

   private:
    using Entry = std::pair<std::string, at::Tensor>;
    std::mutex mutex_;
    std::size_t room_ = 0;
    std::list<Entry> entries_;  ///< the one used last in front
    std::unordered_map<std::string, std::list<Entry>::iterator> by_prompt_;
  };

  at::Tensor encode(const std::string& prompt) const;

  Network network_;
  Tokenizer tokenizer_;
  mutable Cache cache_;
};

}  // namespace ldznet

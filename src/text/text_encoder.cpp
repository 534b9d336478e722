#include "text/text_encoder.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "bundle/tensor_checks.h"

namespace ldznet {

namespace {

constexpr std::size_t kCachedPrompts = 256;  // minimum capacity; 60 MB of contexts at the published size, 77 x 768

/// The source with float32 instead of bfloat16. All masks of a prompt depend on its context. In bfloat16 its error
/// would be a large part of the masks' error; computing it takes a small part of their time.
NetworkSource without_bfloat16(NetworkSource source) {
  if (source.backend.dtype == at::kBFloat16) source.backend.dtype = at::kFloat;
  return source;
}

}  // namespace

at::Tensor TextEncoder::Cache::find(const std::string& prompt) {
  const std::lock_guard lock(mutex_);
  const auto found = by_prompt_.find(prompt);
  if (found == by_prompt_.end()) return {};
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void TextEncoder::Cache::reserve(std::size_t prompts) {
  const std::lock_guard lock(mutex_);
  capacity_ = std::max({capacity_, prompts, kCachedPrompts});
}

void TextEncoder::Cache::insert(const std::string& prompt, const at::Tensor& context) {
  const std::lock_guard lock(mutex_);
  if (by_prompt_.contains(prompt)) return;
  entries_.emplace_front(prompt, context);
  by_prompt_[prompt] = entries_.begin();
  if (entries_.size() <= capacity_) return;
  by_prompt_.erase(entries_.back().first);
  entries_.pop_back();
}

TextEncoder::TextEncoder(const NetworkSource& source)
    : network_(without_bfloat16(source), "text_encoder.pt"),
      tokenizer_(Tokenizer::of_bundle(source.directory, source.manifest, source.verification.on_mismatch)) {
  // Whether the network has as many positions and token ids as the manifest and the vocabulary. Otherwise only the
  // prompts that need them would fail.
  const c10::InferenceMode inference;
  encode(std::vector(static_cast<std::size_t>(tokenizer_.length()), tokenizer_.largest_id()));
}

at::Tensor TextEncoder::encode(const std::string& prompt) const {
  bool truncated = false;
  const std::vector<std::int64_t> ids = tokenizer_.encode(prompt, &truncated);
  if (truncated)
    log::warn("the prompt \"" + prompt + "\" has more than " + std::to_string(ids.size()) +
              " tokens; the rest is ignored");
  return encode(ids);
}

at::Tensor TextEncoder::encode(const std::vector<std::int64_t>& ids) const {
  const auto length = static_cast<std::int64_t>(ids.size());
  const at::Tensor context = network_.forward({at::tensor(ids, at::kLong).unsqueeze(0)}).to(at::kFloat);
  require_shape(context, {1, length, -1}, network_.file());
  require_finite(context, network_.dtype(), network_.file());
  return context;
}

at::Tensor TextEncoder::context(std::span<const std::string> prompts) const {
  cache_.reserve(prompts.size() + 1);  // the prompts of one image and the empty prompt, for the next image
  std::vector<at::Tensor> contexts;
  for (const std::string& prompt : prompts) {
    at::Tensor context = cache_.find(prompt);
    if (!context.defined()) {
      // One at a time: in a batch the last digits would depend on which prompts are cached.
      context = encode(prompt);
      cache_.insert(prompt, context);
    }
    contexts.push_back(context);
  }
  return at::cat(contexts);
}

}  // namespace ldznet

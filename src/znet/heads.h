#pragma once

#include <torch/script.h>

#include <string>
#include <vector>

#include "base/methods.h"
#include "bundle/loader.h"

namespace ldznet {

/// Inputs of a head: x (1,3,H,W) in [-1,1] and z (1,C,h,w) of one image, the context (B,L,D) of B prompts, and the
/// taps, with batch size B, or 1 when all prompts share them. x and context are required; z and taps only for methods
/// that read them.
struct HeadInputs {
  at::Tensor x, z, context;
  Taps taps;
};

/// A mask head.
class Head {
 public:
  /// Loads the head of `method`, one of the manifest's methods. Throws what Network's constructor throws.
  Head(const NetworkSource& source, const std::string& method);

  const Method& method() const { return method_; }
  const LayerWidths& widths() const { return network_.widths(); }

  /// Mask logits, float32 (B,1,H,W). Throws Error(bad_config) when the network returns another shape, and what
  /// require_finite() throws.
  at::Tensor logits(const HeadInputs& inputs) const;

 private:
  Network network_;
  Method method_;
};

/// The methods to load, each once; none: the bundle's default. Throws Error(usage) for one that the bundle does not
/// have.
std::vector<std::string> methods_to_load(const NetworkSource& source, const std::vector<std::string>& methods);

/// The loaded head of a method; of no method, the bundle's default, or the first one when that is not loaded.
/// Throws Error(usage) when the method is not loaded.
const Head& find_head(const std::vector<Head>& loaded, const std::string& method, const Manifest& manifest);

}  // namespace ldznet

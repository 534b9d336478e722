#pragma once

#include <torch/script.h>

#include <string>
#include <vector>

#include "bundle/loader.h"

namespace ldznet {

/// The three methods of the paper differ in what their heads read: RGBNet the image, ZNet the latent z, LD-ZNet the
/// latent and the tapped features of the diffusion model.
inline bool reads_latent(const std::string& method) { return method != "rgbnet"; }
inline bool reads_taps(const std::string& method) { return method == "ldznet"; }

/// What heads read: x (1,3,H,W) in [-1,1] and z (1,C,h,w) of one image, context (B,L,D) of B prompts, and the taps,
/// either B of each or one for all prompts. What a method does not read may be missing, but for x.
struct HeadInputs {
  at::Tensor x, z, context;
  Taps taps;
};

/// A mask head.
class Head {
 public:
  /// Loads the head of a method in the manifest. Throws what Network's constructor throws.
  Head(const NetworkSource& source, const std::string& method);

  const std::string& method() const { return method_; }

  /// Mask logits, float32 (B,1,H,W). Throws Error(bad_config) when the network's answer has another shape and
  /// Error(internal) when it is not finite.
  at::Tensor logits(const HeadInputs& inputs) const;

 private:
  Network network_;
  std::string method_;
};

/// The methods to load, each once; none: the bundle's default. Throws Error(usage) for one that the bundle does not
/// have.
std::vector<std::string> methods_to_load(const NetworkSource& source, const std::vector<std::string>& methods);

/// The loaded head of a method; of no method, the bundle's default, or the first one when that is not loaded.
/// Throws Error(usage) when the method is not loaded.
const Head& find_head(const std::vector<Head>& loaded, const std::string& method, const Manifest& manifest);

}  // namespace ldznet

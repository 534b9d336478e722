#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ldznet/bundle.h"
#include "ldznet/feature.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// How a bundle is loaded.
struct LoadOptions {
  std::string device = "auto";       ///< "auto", "cpu", "cuda" or "cuda:N"
  std::string precision = "auto";    ///< "auto" (the bundle's, else the machine's best), "fp32", "bf16" or "fp16"
  int threads = 0;                   ///< CPU threads; 0: one a core
  bool trust_unverified = false;     ///< load files whose sha256 does not match the manifest
  std::vector<std::string> methods;  ///< heads to load; empty: the bundle's default one
};

/// The largest working size, in pixels a side; more cannot be meant.
constexpr int kLargestSize = 16384;

/// How an image is brought to the working size.
struct EncodeOptions {
  int size = 0;  ///< working area is size x size pixels; 0: the bundle's
  bool operator==(const EncodeOptions&) const = default;
};

/// How a prompt is segmented.
struct SegmentOptions {
  std::string method;           ///< "ldznet", "znet" or "rgbnet"; empty: the bundle's default
  std::optional<int> timestep;  ///< t; unset: the bundle's
  std::uint64_t seed = 0;       ///< of the noise
  int samples = 1;              ///< draws of the noise to average over
  int batch_size = 8;           ///< prompts in one pass of the networks
  bool operator==(const SegmentOptions&) const = default;
};

/// At which point the denoising UNet is looked into.
struct FeatureOptions {
  std::string prompt;              ///< what its cross-attention reads; empty: the empty prompt
  std::vector<std::string> names;  ///< of the manifest's features; empty: its taps
  std::optional<int> timestep;     ///< t; unset: the bundle's
  std::uint64_t seed = 0;          ///< of the noise
};

/// One number for every stage between a picture's file and its masks' files.
struct Stages {
  double decode = 0, preprocess = 0, vae = 0, text = 0, unet = 0, znet = 0, resize = 0, write = 0;
};

/// What the stages cost; calls add to it.
struct StageCosts {
  Stages ms;                ///< wall-clock milliseconds
  Stages flop;              ///< floating-point operations of the networks' convolutions and matrix products
  bool count_flop = false;  ///< which takes time of its own
};

/// All that an image's prompts share: the working image x (1,3,H,W), its latent z (1,4,h,w) and the sizes.
class EncodedImage {
 public:
  struct Impl;
  explicit EncodedImage(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Image -> latent z -> noised z_t -> tapped features -> mask logits -> probability (paper, figure 3).
class Pipeline {
 public:
  /// Loads and checks a bundle. Throws Error(bad_config), Error(device) or Error(out_of_memory).
  static Pipeline load(const std::filesystem::path& bundle, const LoadOptions& options = {});
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  /// Brings the image to the working size and encodes it: z = scale * mean of the posterior. Once per image.
  EncodedImage encode(const Image& image, const EncodeOptions& options = {}, StageCosts* costs = nullptr) const;

  /// Throws Error(usage) for options that this bundle cannot be run with: to be known before there is an image.
  void check(const SegmentOptions& options) const;

  /// Takes the map of prompts[i].
  using MapCallback = std::function<void(std::size_t i, Probability probability)>;

  /// One probability map per prompt, at the upright image's size, handed over in the prompts' order as soon as it is
  /// there, so that no more than `batch_size` of them need be kept. The noise is torch.randn from a CPU generator
  /// seeded with `seed`, shape (1,4,h,w), the same for every prompt. Throws Error, and what `take` throws.
  void segment(const EncodedImage& image, std::span<const std::string> prompts, const SegmentOptions& options,
               const MapCallback& take, StageCosts* costs = nullptr) const;

  /// The same, all maps at once.
  std::vector<Probability> segment(const EncodedImage& image, std::span<const std::string> prompts,
                                   const SegmentOptions& options = {}, StageCosts* costs = nullptr) const;

  /// The denoising UNet's inner features of the noised image, in the order of their names.
  /// Throws Error(usage) for a name or a timestep that the bundle does not have, or when the UNet is not loaded.
  std::vector<Feature> features(const EncodedImage& image, const FeatureOptions& options = {}) const;

  /// The text encoder's state (D) at the prompt's last token, which stands for the whole prompt.
  std::vector<float> text_embedding(const std::string& prompt) const;

  /// The token ids of a prompt, `text_length` of them; `truncated` is set when the prompt was cut.
  std::vector<std::int64_t> tokenize(const std::string& prompt, bool* truncated = nullptr) const;

  /// Floating-point operations a second of large matrix products on the pipeline's device and in its precision: the
  /// machine's peak, which a second of measuring finds.
  double measured_peak() const;

  const Manifest& manifest() const;
  const std::string& device() const;     ///< what "auto" became: "cpu", "cuda:0"
  const std::string& precision() const;  ///< what "auto" became: "fp32", "bf16", "fp16"

 private:
  struct Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Devices and precisions this machine can run, for example {"cpu", "cuda:0"} and {"fp32", "bf16"}.
struct Capabilities {
  std::vector<std::string> devices, precisions;
  std::string torch_version;
};
Capabilities capabilities();

}  // namespace ldznet

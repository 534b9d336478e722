// The pipeline: an image and prompts -> one probability map per prompt.
//
//     using namespace ldznet;
//     const Pipeline pipeline = Pipeline::load(default_bundle_directory());
//     const EncodedImage encoded = pipeline.encode(read_image("zoo.png"));  // once, for all prompts of the image
//     const std::vector<std::string> prompts = {"panda", "elephant"};
//     for (Probability& map : pipeline.segment(encoded, prompts)) {
//       const FoundMask found = find_mask(std::move(map), {.threshold = pipeline.manifest().threshold});
//       std::cout << found.measures.area << " pixels\n";
//     }
//
// examples/embed is a whole program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ldznet/bundle.h"
#include "ldznet/feature.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// How a bundle is loaded.
struct LoadOptions {
  std::string device = "auto";         ///< "auto" (the first CUDA device, else the CPU), "cpu", "cuda" or "cuda:N"
  std::string precision = "auto";      ///< "auto" (the bundle's, else the fastest here), "fp32", "bf16" or "fp16"
  int threads = 0;                     ///< CPU threads; 0: one per core
  bool trust_unverified = false;       ///< load files whose size or sha256 differs from the manifest
  std::vector<std::string> methods{};  ///< heads to load; empty: the bundle's default one
  /// Remembers files that had the right sha256, in the user's cache folder, and does not hash them again until they
  /// change (docs/bundles.md).
  bool remember = false;
};

/// The largest working size, pixels per side.
constexpr int kLargestSize = 16384;

/// How an image is encoded.
struct EncodeOptions {
  int size = 0;  ///< the working image has about size x size pixels; 0: the bundle's
  bool operator==(const EncodeOptions&) const = default;
};

/// How a prompt is segmented.
struct SegmentOptions {
  std::string method;           ///< "ldznet", "znet" or "rgbnet"; empty: the bundle's default
  std::optional<int> timestep;  ///< t; unset: the bundle's
  std::uint64_t seed = 0;       ///< seed of the noise
  int samples = 1;              ///< noise draws to average over
  int batch_size = 8;           ///< prompts per pass of the networks
  bool operator==(const SegmentOptions&) const = default;
};

/// Which features of the denoising UNet to compute.
struct FeatureOptions {
  std::string prompt;              ///< read by the UNet's cross-attention; empty: the empty prompt
  std::vector<std::string> names;  ///< blocks among Manifest::features; empty: Manifest::taps
  std::optional<int> timestep;     ///< t; unset: the bundle's
  std::uint64_t seed = 0;          ///< seed of the noise
};

/// One number for every stage from a picture's file to its masks' files.
struct Stages {
  double decode = 0, preprocess = 0, vae = 0, text = 0, unet = 0, znet = 0, resize = 0, write = 0;
};

/// The name of a stage and its member of Stages.
struct NamedStage {
  const char* name;
  double Stages::*value;
};

/// All stages in the order they run.
inline constexpr std::array<NamedStage, 8> kStages = {{{"decode", &Stages::decode},
                                                       {"preprocess", &Stages::preprocess},
                                                       {"vae", &Stages::vae},
                                                       {"text", &Stages::text},
                                                       {"unet", &Stages::unet},
                                                       {"znet", &Stages::znet},
                                                       {"resize", &Stages::resize},
                                                       {"write", &Stages::write}}};

/// What the stages cost; calls add to it.
struct StageCosts {
  Stages ms;                ///< wall-clock milliseconds
  Stages flop;              ///< floating-point operations of the networks' convolutions and matrix products
  bool count_flop = false;  ///< fill in `flop`; counting takes time
};

/// What all prompts of an image share: the working image x (1,3,H,W), its latent z (1,4,h,w) and the image's size; or
/// the same of several images of one size.
class EncodedImage {
 public:
  struct Impl;
  explicit EncodedImage(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const { return *impl_; }

  /// How many pixels of the image, along a side, became one of the working image; see Refiner.
  double reduction() const;

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Image -> latent z -> noised z_t -> tapped features -> mask logits -> probability (figure 3 of the paper).
/// Several threads may call the const members of one pipeline at the same time.
class Pipeline {
 public:
  /// Loads and checks a bundle. Throws Error: missing_input, bad_config, device, usage or out_of_memory. Files are
  /// mapped meanwhile: if another program shortens one, the system sends SIGBUS, which ends a process that does not
  /// handle it. Nothing of them is in use afterwards.
  static Pipeline load(const std::filesystem::path& bundle, const LoadOptions& options = {});
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  /// Resizes the image to the working size and encodes it: z = scale * mean of the posterior. Call it once per image.
  EncodedImage encode(const Image& image, const EncodeOptions& options = {}, StageCosts* costs = nullptr) const;

  /// Encodes one or more images of one size, which pass through the networks together from here on.
  EncodedImage encode(std::span<const Image> images, const EncodeOptions& options = {},
                      StageCosts* costs = nullptr) const;

  /// Throws Error(usage) for options that this bundle does not support, so that they are found before any work is done.
  void check(const SegmentOptions& options) const;

  /// Receives the map of prompts[i]; for several images, with i = prompt * images + image.
  using MapCallback = std::function<void(std::size_t i, Probability probability)>;

  /// One probability map per prompt, at the size of the upright image. `take` receives each in the order of the prompts
  /// before the next one is made, so that only one is in memory.
  /// The noise is torch.randn from a CPU generator seeded with `seed`, shape (1,4,h,w), the same for every prompt.
  /// Throws Error, and what `take` throws.
  void segment(const EncodedImage& image, std::span<const std::string> prompts, const SegmentOptions& options,
               const MapCallback& take, StageCosts* costs = nullptr) const;

  /// The same, all maps at once.
  std::vector<Probability> segment(const EncodedImage& image, std::span<const std::string> prompts,
                                   const SegmentOptions& options = {}, StageCosts* costs = nullptr) const;

  /// Bytes of memory on the CPU that encode() and segment() will take for an image of this size, estimated from the
  /// widths of the networks: the bundle's weights, which are loaded, are not counted, and one map is. Throws
  /// Error(usage) for options that this bundle does not support.
  std::uint64_t memory_needed(int width, int height, std::size_t prompts, const EncodeOptions& encode = {},
                              const SegmentOptions& options = {}) const;

  /// The same for encode() and features(), without the features themselves.
  std::uint64_t memory_needed(int width, int height, const EncodeOptions& encode = {}) const;

  /// Features of the denoising UNet for the noised image, in the order of their names. Throws Error(usage) for a name
  /// or a timestep that the bundle does not have, and when no loaded head uses the UNet.
  std::vector<Feature> features(const EncodedImage& image, const FeatureOptions& options = {}) const;

  /// The text encoder's state (D) at the prompt's last token, which represents the whole prompt.
  std::vector<float> text_embedding(const std::string& prompt) const;

  /// The `text_length` token ids of a prompt; `truncated` is set to whether the prompt was cut.
  std::vector<std::int64_t> tokenize(const std::string& prompt, bool* truncated = nullptr) const;

  /// Measures, for about a second, the floating-point operations per second of large matrix products on the pipeline's
  /// device and in its precision.
  double measured_peak() const;

  const Manifest& manifest() const;
  const std::string& device() const;     ///< the device in use, also for "auto": "cpu", "cuda:0"
  const std::string& precision() const;  ///< the precision in use, also for "auto": "fp32", "bf16", "fp16"

 private:
  struct Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// How many CPU threads the networks use when the calling thread runs them. The thread that calls Pipeline::load gets
/// LoadOptions::threads.
int cpu_threads();

/// Changes that for the calling thread. To segment many pictures, let as many threads as there are cores call one
/// Pipeline, each with one CPU thread: that wastes no time on waiting. Throws Error(usage) for less than 1.
void use_cpu_threads(int threads);

/// Devices and precisions that this machine supports, for example {"cpu", "cuda:0"} and {"fp32", "bf16"}.
struct Capabilities {
  std::vector<std::string> devices, precisions;
  std::string torch_version;
};
Capabilities capabilities();

}  // namespace ldznet

#include "ldznet/pipeline.h"

#include <algorithm>
#include <cstdint>
#include <future>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "bundle/device.h"
#include "bundle/loader.h"
#include "bundle/memory_estimate.h"
#include "bundle/time_stage.h"
#include "bundle/torch_errors.h"
#include "image/preprocess.h"
#include "latent/vae_encoder.h"
#include "noise/noise_draws.h"
#include "noise/noise_schedule.h"
#include "text/text_encoder.h"
#include "unet/unet.h"
#include "znet/heads.h"
#include "znet/probability_maps.h"

namespace ldznet {

namespace {

constexpr const char* kCannotSegment = "cannot segment the image";

/// Throws Error(usage) for an empty prompt.
void check_prompts(std::span<const std::string> prompts) {
  for (const std::string& prompt : prompts)
    if (is_blank(prompt))
      throw Error(ErrorCode::usage, "a prompt is empty", "Say what to look for, for example \"a panda\".");
}

/// Pixels of the working image. Throws Error(usage) for a size out of range.
int working_area(const Manifest& manifest, const EncodeOptions& options) {
  if (options.size < 0 || options.size > kLargestSize)
    throw Error(ErrorCode::usage, "the working size must be from 1 to " + std::to_string(kLargestSize) + ", not " +
                                      std::to_string(options.size));
  return options.size == 0 ? manifest.image_area : options.size * options.size;
}

/// x (1,3,H,W)
at::Tensor to_tensor(const WorkingImage& image) {
  return at::tensor(at::ArrayRef<float>(image.values), at::kFloat).view({1, 3, image.height, image.width});
}

}  // namespace

struct EncodedImage::Impl {
  at::Tensor x;       ///< (N,3,H,W) of N images, in [-1,1], float32, on the CPU
  at::Tensor z;       ///< (N,C,h,w), float32, on the device; undefined when no loaded head reads it
  int width, height;  ///< of the upright images
};

double EncodedImage::reduction() const {
  const Size working{static_cast<int>(impl_->x.size(3)), static_cast<int>(impl_->x.size(2))};
  return ldznet::reduction({impl_->width, impl_->height}, working);
}

struct Pipeline::Impl {
  Manifest manifest;
  Backend backend;
  NoiseSchedule schedule;
  std::optional<TextEncoder> text;
  std::optional<VaeEncoder> vae;
  std::optional<UNet> unet;
  std::vector<Head> heads;

  /// Loads what the methods need. The heads load in a thread of their own: a network takes one core, mostly to parse
  /// TorchScript, and the heads take as long as everything else.
  explicit Impl(const NetworkSource& source, const std::vector<std::string>& methods)
      : manifest(source.manifest), backend(source.backend), schedule(source.manifest) {
    auto heads_later = std::async(std::launch::async, [&] {
      for (const std::string& method : methods) heads.emplace_back(source, method);
    });
    text.emplace(source);
    if (any_method(methods, &Method::reads_latent)) vae.emplace(source);
    if (any_method(methods, &Method::reads_taps)) unet.emplace(source);
    heads_later.get();
  }

  /// What the networks have to do for an image of this size.
  NetworkWork work(int width, int height, std::int64_t prompts, const EncodeOptions& encode) const {
    const Size working = working_size({width, height}, working_area(manifest, encode), manifest.image_multiple);
    return {.pixels = std::int64_t{working.width} * working.height,
            .prompts = prompts,
            .factor = manifest.latent_factor,
            .value_size = backend.device.is_cpu() ? static_cast<std::int64_t>(c10::elementSize(backend.dtype)) : 0};
  }

  /// What the UNet's cross-attention reads when the head reads `context`: the same, or the empty prompt's.
  at::Tensor unet_context(const at::Tensor& context) const {
    static const std::string kEmpty;
    return manifest.unet_reads_prompt ? context : text->context(std::span(&kEmpty, 1));
  }
};

Pipeline Pipeline::load(const std::filesystem::path& bundle, const LoadOptions& options) {
  const Manifest manifest = read_manifest(bundle);
  const std::string& precision = options.precision == "auto" ? manifest.precision : options.precision;
  const Verification verification{options.trust_unverified ? OnMismatch::warn : OnMismatch::refuse,
                                  options.remember ? KnownFiles::of_user() : KnownFiles()};
  const NetworkSource source{bundle, manifest, resolve_backend(options.device, precision), verification};
  const std::vector<std::string> methods = methods_to_load(source, options.methods);
  if (options.device == "auto" || options.precision == "auto")
    log::info("running on " + source.backend.device_name + " in " + source.backend.precision_name);
  set_threads(options.threads);
  make_deterministic(source.backend);
  return Pipeline(std::make_unique<Impl>(source, methods));
}

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

EncodedImage Pipeline::encode(const Image& image, const EncodeOptions& options, StageCosts* costs) const {
  return encode(std::span(&image, 1), options, costs);
}

EncodedImage Pipeline::encode(std::span<const Image> images, const EncodeOptions& options, StageCosts* costs) const {
  const Impl& net = *impl_;
  const int area = working_area(net.manifest, options);
  const auto of_one_size = [&](const Image& image) {
    return image.width == images.front().width && image.height == images.front().height;
  };
  if (images.empty() || !std::ranges::all_of(images, of_one_size))
    throw Error(ErrorCode::usage, "images that are encoded together must have the same size", "");
  return with_errors(ErrorCode::internal, "cannot encode the image", "", [&] {
    const c10::InferenceMode inference;
    std::vector<at::Tensor> x, z;
    for (const Image& image : images) {
      x.push_back(time_stage(costs, &Stages::preprocess, net.backend,
                             [&] { return to_tensor(preprocess(image, area, net.manifest.image_multiple)); }));
      // One by one: the VAE works at the highest resolution and takes the most memory.
      if (net.vae) z.push_back(time_stage(costs, &Stages::vae, net.backend, [&] { return net.vae->encode(x.back()); }));
    }
    return EncodedImage(std::make_shared<EncodedImage::Impl>(EncodedImage::Impl{
        at::cat(x), z.empty() ? at::Tensor() : at::cat(z), images.front().width, images.front().height}));
  });
}

void Pipeline::check(const SegmentOptions& options) const {
  if (options.samples < 1)
    throw Error(ErrorCode::usage, "the number of samples must be 1 or more, not " + std::to_string(options.samples));
  if (options.batch_size < 1)
    throw Error(ErrorCode::usage, "the batch size must be 1 or more, not " + std::to_string(options.batch_size));
  if (options.timestep) impl_->schedule.check(*options.timestep);
  find_head(impl_->heads, options.method, impl_->manifest);
}

void Pipeline::segment(const EncodedImage& encoded, std::span<const std::string> prompts, const SegmentOptions& options,
                       const MapCallback& take, StageCosts* costs) const {
  check(options);
  check_prompts(prompts);
  const Impl& net = *impl_;
  const EncodedImage::Impl& image = encoded.impl();
  const std::int64_t images = image.x.size(0);
  // Several images have a pass for each prompt. One image has the prompts of a batch in a pass.
  const auto for_images = [&](const at::Tensor& context) {
    return images > 1 ? context.expand({images, -1, -1}) : context;
  };
  const std::size_t at_once = images > 1 ? 1 : static_cast<std::size_t>(options.batch_size);
  const auto timed = [&](auto stage, auto&& work) { return time_stage(costs, stage, net.backend, work); };
  const Head& head = find_head(net.heads, options.method, net.manifest);
  const bool with_taps = head.method().reads_taps;
  const auto draws = with_taps ? plan_noise_draws(net.manifest, options) : std::vector<NoiseDraw>(1);
  std::vector<Taps> taps(draws.size());  // kept from one batch to the next where they do not depend on the prompt
  std::size_t taken = 0;
  for (std::size_t first = 0; first < prompts.size(); first += at_once) {
    const auto batch = prompts.subspan(first, std::min(at_once, prompts.size() - first));
    const at::Tensor probabilities = with_errors(ErrorCode::internal, kCannotSegment, "", [&] {
      const c10::InferenceMode inference;
      const at::Tensor context = timed(&Stages::text, [&] { return for_images(net.text->context(batch)); });
      at::Tensor probability = at::zeros({});  // the mean of all draws
      for (std::size_t i = 0; i < draws.size(); ++i) {
        if (with_taps && (taps[i].empty() || net.manifest.unet_reads_prompt))
          taps[i] = timed(&Stages::unet, [&] {
            const at::Tensor z_t =
                net.schedule.add_noise(image.z, make_noise(draws[i].seed, image.z.slice(0, 0, 1)), draws[i].timestep);
            return net.unet->taps(z_t, draws[i].timestep, for_images(net.unet_context(context)));
          });
        const at::Tensor logits = timed(&Stages::znet, [&] {
          return head.logits({image.x, image.z, context, taps[i]}).cpu();
        });
        probability = probability + logits.sigmoid() / static_cast<double>(draws.size());
      }
      return probability;
    });
    // One by one: a map of a large picture takes hundreds of megabytes.
    for (const at::Tensor& one : probabilities.split(1)) {
      Probability map = with_errors(ErrorCode::internal, kCannotSegment, "", [&] {
        const c10::InferenceMode inference;
        return timed(&Stages::resize, [&] { return to_probability_map(one, image.width, image.height); });
      });
      take(taken++, std::move(map));
    }
  }
}

std::vector<Probability> Pipeline::segment(const EncodedImage& image, std::span<const std::string> prompts,
                                           const SegmentOptions& options, StageCosts* costs) const {
  std::vector<Probability> maps;
  segment(
      image, prompts, options, [&](std::size_t, Probability map) { maps.push_back(std::move(map)); }, costs);
  return maps;
}

std::uint64_t Pipeline::memory_needed(int width, int height, std::size_t prompts, const EncodeOptions& encode,
                                      const SegmentOptions& options) const {
  const Impl& net = *impl_;
  const Head& head = find_head(net.heads, options.method, net.manifest);
  const bool reads_taps = head.method().reads_taps;
  const NetworkWidths widths{head.method().reads_latent ? net.vae->widths() : LayerWidths{},
                             reads_taps ? net.unet->widths() : LayerWidths{}, head.widths()};
  const auto at_once = std::min<std::int64_t>(static_cast<std::int64_t>(prompts), options.batch_size);
  return network_memory(widths, net.work(width, height, at_once, encode)) +
         std::uint64_t{sizeof(float)} * static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
}

std::uint64_t Pipeline::memory_needed(int width, int height, const EncodeOptions& encode) const {
  const Impl& net = *impl_;
  const NetworkWidths widths{
      net.vae ? net.vae->widths() : LayerWidths{}, net.unet ? net.unet->widths() : LayerWidths{}, {}};
  return network_memory(widths, net.work(width, height, 1, encode));
}

std::vector<Feature> Pipeline::features(const EncodedImage& image, const FeatureOptions& options) const {
  const Impl& net = *impl_;
  const int timestep = options.timestep.value_or(net.manifest.timestep);
  net.schedule.check(timestep);
  if (!net.unet) throw Error(ErrorCode::usage, "no loaded head reads the UNet's features", "Load the ldznet head.");
  return with_errors(ErrorCode::internal, "cannot compute the image's features", "", [&] {
    const c10::InferenceMode inference;
    const at::Tensor& z = image.impl().z;
    const at::Tensor z_t = net.schedule.add_noise(z, make_noise(options.seed, z), timestep);
    return net.unet->features(z_t, timestep, net.text->context(std::span(&options.prompt, 1)),
                              options.names.empty() ? net.manifest.taps : options.names);
  });
}

std::vector<float> Pipeline::text_embedding(const std::string& prompt) const {
  return with_errors(ErrorCode::internal, "cannot encode the prompt", "", [&] {
    const c10::InferenceMode inference;
    const at::Tensor context = impl_->text->context(std::span(&prompt, 1)).to(at::kCPU, at::kFloat);
    const at::Tensor last = context[0][-1].contiguous();
    const auto* values = last.const_data_ptr<float>();
    return std::vector<float>(values, values + last.numel());
  });
}

std::vector<std::int64_t> Pipeline::tokenize(const std::string& prompt, bool* truncated) const {
  return impl_->text->tokenizer().encode(prompt, truncated);
}

double Pipeline::measured_peak() const { return measure_peak(impl_->backend); }
const Manifest& Pipeline::manifest() const { return impl_->manifest; }
const std::string& Pipeline::device() const { return impl_->backend.device_name; }
const std::string& Pipeline::precision() const { return impl_->backend.precision_name; }

}  // namespace ldznet

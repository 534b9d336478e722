#include "ldznet/pipeline.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/log.h"
#include "bundle/device.h"
#include "bundle/flop_counter.h"
#include "bundle/loader.h"
#include "bundle/tensor_checks.h"
#include "bundle/torch_errors.h"
#include "image/preprocess.h"
#include "latent/vae_encoder.h"
#include "noise/noise_schedule.h"
#include "text/text_encoder.h"
#include "unet/unet.h"
#include "znet/heads.h"

namespace ldznet {

namespace {

constexpr const char* kRunMemory = "Use a smaller --size or a smaller --batch-size.";

/// Runs one stage and adds what it took to that member of the costs, if they are asked for.
template <typename Work>
auto time_stage(StageCosts* costs, double Stages::*stage, const Backend& compute, Work&& work) {
  if (costs == nullptr) return work();
  std::optional<FlopCounter> counter;
  if (costs->count_flop) counter.emplace();
  const auto start = std::chrono::steady_clock::now();
  auto result = work();
  synchronize(compute);
  costs->ms.*stage += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  if (counter) costs->flop.*stage += counter->flop();
  return result;
}

/// One draw of the noise.
struct NoiseDraw {
  int timestep;
  std::uint64_t seed;
  Taps taps = {};  ///< the UNet's answer, kept where all prompts share it
};

/// The draws to average over. Without a timestep of the caller's, several draws spread evenly over the bundle's range
/// (the middles of `samples` equal parts); with one, all use it. A head that sees no noise needs one pass only.
std::vector<NoiseDraw> plan_noise_draws(const Manifest& manifest, const SegmentOptions& options, bool reads_noise) {
  std::vector<NoiseDraw> draws;
  const int count = reads_noise ? options.samples : 1;
  for (int i = 0; i < count; ++i) {
    const double part = (i + 0.5) / count;
    const int spread =
        static_cast<int>(manifest.timestep_low + (manifest.timestep_high - manifest.timestep_low) * part);
    draws.push_back({options.timestep.value_or(count > 1 ? spread : manifest.timestep), options.seed + i});
  }
  return draws;
}

/// Throws Error(usage) when the noise schedule has no such timestep.
void check_timestep(const Manifest& manifest, int timestep) {
  if (timestep < 0 || timestep >= manifest.noise_steps)
    throw Error(ErrorCode::usage,
                "timestep " + std::to_string(timestep) + " is outside the noise schedule, 0 to " +
                    std::to_string(manifest.noise_steps - 1),
                "Name another, or leave it out for the bundle's own.");
}

/// Both throw Error(usage) for what no picture could be segmented with.
void check_options(const Manifest& manifest, const SegmentOptions& options) {
  if (options.samples < 1)
    throw Error(ErrorCode::usage, "--samples must be 1 or more, not " + std::to_string(options.samples));
  if (options.batch_size < 1)
    throw Error(ErrorCode::usage, "--batch-size must be 1 or more, not " + std::to_string(options.batch_size));
  if (options.timestep) check_timestep(manifest, *options.timestep);
}

void check_prompts(std::span<const std::string> prompts) {
  for (const std::string& prompt : prompts)
    if (prompt.find_first_not_of(" \t\r\n") == std::string::npos)
      throw Error(ErrorCode::usage, "a prompt is empty", "Say what to look for, for example --prompt \"a panda\".");
}

/// Pixels of the working image.
int working_area(const Manifest& manifest, const EncodeOptions& options) {
  if (options.size < 0 || options.size > kLargestSize)
    throw Error(ErrorCode::usage,
                "--size must be from 1 to " + std::to_string(kLargestSize) + ", not " + std::to_string(options.size));
  return options.size == 0 ? manifest.image_area : options.size * options.size;
}

/// x (1,3,H,W) of the image brought to the working size.
at::Tensor to_tensor(const WorkingImage& image) {
  return at::tensor(at::ArrayRef<float>(image.values), at::kFloat).view({1, 3, image.height, image.width});
}

/// Brings the prompts' maps (B,1,H,W) of the working image to the upright image's size: bilinear, half-pixel centres.
std::vector<Probability> resize(const at::Tensor& maps, int width, int height) {
  std::vector<Probability> resized;
  for (const at::Tensor& map : maps.split(1)) {
    Probability& probability =
        resized.emplace_back(Probability{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)});
    at::Tensor out = at::from_blob(probability.values.data(), {1, 1, height, width}, at::kFloat);
    at::upsample_bilinear2d_out(out, map, {height, width}, /*align_corners=*/false);
  }
  return resized;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

struct EncodedImage::Impl {
  at::Tensor x;       ///< (1,3,H,W) in [-1,1], float32, on the CPU
  at::Tensor z;       ///< (1,C,h,w), float32, on the device; undefined when no loaded head reads it
  int width, height;  ///< of the upright image
  Impl(at::Tensor x, at::Tensor z, int width, int height)
      : x(std::move(x)), z(std::move(z)), width(width), height(height) {}
};

struct Pipeline::Impl {
  Manifest manifest;
  Backend compute;
  NoiseSchedule schedule;
  TextEncoder text;
  std::optional<VaeEncoder> vae;
  std::optional<UNet> unet;
  std::vector<Head> heads;

  /// The UNet is loaded beside the heads and the VAE: to read one takes a core's time, most of it for TorchScript's
  /// text.
  explicit Impl(const NetworkSource& source, const std::vector<std::string>& methods)
      : manifest(source.manifest), compute(source.compute), schedule(source.manifest), text(source) {
    const bool any_latent = std::any_of(methods.begin(), methods.end(), reads_latent);
    const bool any_taps = std::any_of(methods.begin(), methods.end(), reads_taps);
    auto unet_later =
        std::async(std::launch::async, [&] { return any_taps ? std::optional<UNet>(source) : std::nullopt; });
    for (const std::string& method : methods) heads.emplace_back(source, method);
    if (any_latent) vae.emplace(source);
    unet = unet_later.get();
  }

  /// The head of a method; of "" the bundle's default one, or the first where that is not loaded.
  const Head& head(const std::string& method) const {
    const std::string& wanted = method.empty() ? manifest.default_method : method;
    const auto found =
        std::find_if(heads.begin(), heads.end(), [&](const Head& head) { return head.method() == wanted; });
    if (found != heads.end()) return *found;
    if (method.empty()) return heads.front();
    throw Error(ErrorCode::usage, "the method " + method + " is not loaded", "Name it when the bundle is loaded.");
  }

  /// What the UNet's cross-attention sees when the head sees `context`.
  at::Tensor unet_context(const at::Tensor& context) const {
    static const std::string kEmpty;
    return manifest.unet_reads_prompt ? context : text.context(std::span(&kEmpty, 1));
  }

  /// The draw's noise added to z, shown to the UNet.
  Taps taps(const at::Tensor& z, const NoiseDraw& draw, const at::Tensor& context) const {
    return unet->taps(schedule.add_noise(z, make_noise(draw.seed, z), draw.timestep), draw.timestep,
                      unet_context(context));
  }

  /// sigmoid(logits) (B,1,H,W) of B prompts, averaged over the draws.
  at::Tensor mean_probability(const EncodedImage::Impl& image, std::span<const std::string> prompts, const Head& head,
                              std::vector<NoiseDraw>& draws, StageCosts* costs) const {
    const auto context = time_stage(costs, &Stages::text, compute, [&] { return text.context(prompts); });
    at::Tensor mean = at::zeros({});
    for (NoiseDraw& draw : draws) {
      if (reads_taps(head.method()) && (draw.taps.empty() || manifest.unet_reads_prompt))
        draw.taps = time_stage(costs, &Stages::unet, compute, [&] { return taps(image.z, draw, context); });
      const auto logits = time_stage(costs, &Stages::znet, compute, [&] {
        return head.logits({image.x, image.z, context, draw.taps}).cpu();
      });
      mean = mean + logits.sigmoid() / static_cast<double>(draws.size());
    }
    return mean;
  }
};

namespace {

/// The heads to load, each once. Throws Error(usage) for a method that the bundle does not have.
std::vector<std::string> wanted_methods(const std::filesystem::path& bundle, const Manifest& manifest,
                                        const LoadOptions& options) {
  if (options.methods.empty()) return {manifest.default_method};
  std::vector<std::string> wanted;
  for (const std::string& method : options.methods) {
    if (!manifest.method_files.contains(method))
      throw Error(ErrorCode::usage, "the bundle " + bundle.string() + " has no method \"" + method + "\"",
                  "It has " + joined(manifest.methods) + ".");
    if (std::find(wanted.begin(), wanted.end(), method) == wanted.end()) wanted.push_back(method);
  }
  return wanted;
}

/// Where each of the names stands among all features. Throws Error(usage) for one that is not there.
std::vector<std::size_t> feature_indices(const Manifest& manifest, const std::vector<std::string>& names) {
  std::vector<std::size_t> indices;
  for (const std::string& name : names) {
    const auto found = std::find(manifest.features.begin(), manifest.features.end(), name);
    if (found == manifest.features.end())
      throw Error(ErrorCode::usage, "the bundle has no feature \"" + name + "\"",
                  "It has " + joined(manifest.features) + ".");
    indices.push_back(static_cast<std::size_t>(found - manifest.features.begin()));
  }
  return indices;
}

/// A tensor (1,C,h,w) as plain numbers.
Feature to_feature(const std::string& name, const at::Tensor& tensor) {
  const at::Tensor plain = tensor[0].to(at::kCPU, at::kFloat).contiguous();
  const auto* values = plain.const_data_ptr<float>();
  return {name, static_cast<int>(plain.size(0)), static_cast<int>(plain.size(1)), static_cast<int>(plain.size(2)),
          std::vector<float>(values, values + plain.numel())};
}

}  // namespace

Pipeline Pipeline::load(const std::filesystem::path& bundle, const LoadOptions& options) {
  const Manifest manifest = read_manifest(bundle);
  const std::string& precision = options.precision == "auto" ? manifest.precision : options.precision;
  NetworkSource source{bundle, manifest, resolve_compute(options.device, precision),
                       options.trust_unverified ? OnMismatch::warn : OnMismatch::refuse};
  const std::vector<std::string> methods = wanted_methods(bundle, source.manifest, options);
  if (options.device == "auto" || options.precision == "auto")
    log::info("running on " + source.compute.device_name + " in " + source.compute.precision_name);
  set_threads(options.threads);
  make_deterministic(source.compute);
  return Pipeline(std::make_unique<Impl>(source, methods));
}

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

EncodedImage Pipeline::encode(const Image& image, const EncodeOptions& options, StageCosts* costs) const {
  const Impl& net = *impl_;
  const int area = working_area(net.manifest, options);
  return with_errors(ErrorCode::internal, "cannot encode the image", kRunMemory, "", [&] {
    const c10::InferenceMode inference;
    const at::Tensor x = time_stage(costs, &Stages::preprocess, net.compute,
                                    [&] { return to_tensor(preprocess(image, area, net.manifest.image_multiple)); });
    const at::Tensor z =
        time_stage(costs, &Stages::vae, net.compute, [&] { return net.vae ? net.vae->encode(x) : at::Tensor(); });
    return EncodedImage(std::make_shared<EncodedImage::Impl>(x, z, image.width, image.height));
  });
}

void Pipeline::check(const SegmentOptions& options) const {
  check_options(impl_->manifest, options);
  impl_->head(options.method);
}

void Pipeline::segment(const EncodedImage& image, std::span<const std::string> prompts, const SegmentOptions& options,
                       const MapCallback& take, StageCosts* costs) const {
  const Impl& net = *impl_;
  check_options(net.manifest, options);
  check_prompts(prompts);
  const Head& head = net.head(options.method);
  std::vector<NoiseDraw> draws = plan_noise_draws(net.manifest, options, reads_taps(head.method()));
  for (std::size_t first = 0; first < prompts.size();) {
    const auto part = prompts.subspan(first, std::min<std::size_t>(options.batch_size, prompts.size() - first));
    std::vector<Probability> maps;
    with_errors(ErrorCode::internal, "cannot segment the image", kRunMemory, "", [&] {
      const c10::InferenceMode inference;
      const at::Tensor mean = net.mean_probability(image.impl(), part, head, draws, costs);
      maps = time_stage(costs, &Stages::resize, net.compute,
                        [&] { return resize(mean, image.impl().width, image.impl().height); });
    });
    for (Probability& map : maps) take(first++, std::move(map));
  }
}

std::vector<Probability> Pipeline::segment(const EncodedImage& image, std::span<const std::string> prompts,
                                           const SegmentOptions& options, StageCosts* costs) const {
  std::vector<Probability> maps;
  segment(
      image, prompts, options, [&](std::size_t, Probability map) { maps.push_back(std::move(map)); }, costs);
  return maps;
}

std::vector<Feature> Pipeline::features(const EncodedImage& image, const FeatureOptions& options) const {
  const Impl& net = *impl_;
  const int timestep = options.timestep.value_or(net.manifest.timestep);
  check_timestep(net.manifest, timestep);
  const auto indices = feature_indices(net.manifest, options.names.empty() ? net.manifest.taps : options.names);
  if (!net.unet) throw Error(ErrorCode::usage, "no loaded head reads the UNet's features", "Load the ldznet head.");
  return with_errors(ErrorCode::internal, "cannot compute the image's features", kRunMemory, "", [&] {
    const c10::InferenceMode inference;
    const at::Tensor& z = image.impl().z;
    const at::Tensor z_t = net.schedule.add_noise(z, make_noise(options.seed, z), timestep);
    const auto all = net.unet->all_features(z_t, timestep, net.text.context(std::span(&options.prompt, 1)));
    std::vector<Feature> features;
    features.reserve(indices.size());
    for (const std::size_t index : indices) features.push_back(to_feature(net.manifest.features[index], all[index]));
    return features;
  });
}

std::vector<float> Pipeline::text_embedding(const std::string& prompt) const {
  return with_errors(ErrorCode::internal, "cannot encode the prompt", kRunMemory, "", [&] {
    const c10::InferenceMode inference;
    const at::Tensor context = impl_->text.context(std::span(&prompt, 1)).to(at::kCPU, at::kFloat);
    const at::Tensor last = context[0][-1].contiguous();
    const auto* values = last.const_data_ptr<float>();
    return std::vector<float>(values, values + last.numel());
  });
}

std::vector<std::int64_t> Pipeline::tokenize(const std::string& prompt, bool* truncated) const {
  return impl_->text.tokenizer().encode(prompt, truncated);
}

double Pipeline::measured_peak() const { return measure_peak(impl_->compute); }
const Manifest& Pipeline::manifest() const { return impl_->manifest; }
const std::string& Pipeline::device() const { return impl_->compute.device_name; }
const std::string& Pipeline::precision() const { return impl_->compute.precision_name; }

}  // namespace ldznet

#include "bundle/memory_estimate.h"

#include <algorithm>

namespace ldznet {

namespace {

// Multiples of one layer's output, from the peak memory of `ldznet segment` with ldznet-mini in fp32, methods rgbnet,
// znet and ldznet, --size 512 and 1024, with 1 and 8 prompts. tests/python/test_cli_memory.py measures them again.
constexpr double kVaeLayers = 4.2;   // of the VAE's first layer
constexpr double kBodyLayers = 31;   // of the first layer of a UNet, skip connections and deeper levels included
constexpr double kMaskLayers = 4.2;  // of a head's last layer
constexpr double kLogits = 6;        // logits at the working image's size: those of semantic latents and their mixture
constexpr double kImageBytes = 24;   // per pixel: the working image as bytes and as floats

}  // namespace

std::uint64_t network_memory(const NetworkWidths& widths, const NetworkWork& work) {
  const auto values_of = [](double layers, std::int64_t width) { return layers * static_cast<double>(width); };
  const double cells = 1.0 / static_cast<double>(work.factor * work.factor);  // per pixel
  const double vae = values_of(kVaeLayers, widths.vae.first);
  const double unet = values_of(kBodyLayers, widths.unet.first) * cells;
  const double head =
      std::max(values_of(kBodyLayers, widths.head.first) * cells, values_of(kMaskLayers, widths.head.last) + kLogits);
  // The UNet does not reuse all that the VAE has freed, because the heap is fragmented.
  const double values = std::max(vae + unet, static_cast<double>(work.prompts) * head);
  return static_cast<std::uint64_t>(static_cast<double>(work.pixels) *
                                    (kImageBytes + values * static_cast<double>(work.value_size)));
}

}  // namespace ldznet

#pragma once

#include <cstdint>

namespace ldznet {

/// The widths of a network's layers that its memory depends on, from the shapes of its weights; 0: it has no such
/// layer.
struct LayerWidths {
  std::int64_t first = 0;  ///< channels that its first convolution makes
  std::int64_t last = 0;   ///< channels that the last convolution with a single output channel, a head's logits, reads
};

/// The loaded networks.
struct NetworkWidths {
  LayerWidths vae, unet, head;
};

/// What the networks work on.
struct NetworkWork {
  std::int64_t pixels = 0;      ///< of the working image
  std::int64_t prompts = 1;     ///< per pass of the head
  std::int64_t factor = 8;      ///< pixels per latent cell, along each side
  std::int64_t value_size = 4;  ///< bytes of a value in the networks; 0: they are on another device
};

/// Bytes of memory on the CPU that encoding and segmenting take beyond the weights, without the maps at the picture's
/// size. Layers at the highest resolution need the most: the VAE's first ones, the UNet's and the head's outer levels,
/// the head's mask layers. How many of such a layer's outputs exist at the same time was measured: see the .cpp file.
std::uint64_t network_memory(const NetworkWidths& widths, const NetworkWork& work);

}  // namespace ldznet

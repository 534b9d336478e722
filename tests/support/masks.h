#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet::test {

/// Makes a mask from rows of '#' (inside) and '.' (outside).
inline Mask drawn(const std::vector<std::string>& rows) {
  Mask mask{static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), {}};
  for (const std::string& row : rows)
    for (const char letter : row) mask.pixels.push_back(letter == '#' ? 1 : 0);
  return mask;
}

/// The inverse of `drawn`, one row per line, for messages.
inline std::string shown(const Mask& mask) {
  std::string rows;
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    if (i % mask.width == 0) rows += '\n';
    rows += mask.pixels[i] != 0 ? '#' : '.';
  }
  return rows;
}

/// A random mask in which each pixel is inside with probability `share`.
inline Mask noise_mask(int width, int height, unsigned seed, double share) {
  std::mt19937 random(seed);
  std::bernoulli_distribution inside(share);
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (auto& pixel : mask.pixels) pixel = inside(random) ? 1 : 0;
  return mask;
}

/// A picture with the same value in every pixel and channel.
inline Image plain_picture(int width, int height, std::uint8_t value) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, value), {}};
}

}  // namespace ldznet::test

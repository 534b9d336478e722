#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ldznet {

/// An 8-bit RGB colour.
struct Color {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Color&) const = default;
};

/// A colour for every prompt, one of twenty. It depends on the prompt's text, so a prompt has the same colour in every
/// run, unless another prompt before it has that colour: then it takes the next free one. Beyond twenty different
/// prompts colours repeat.
std::vector<Color> palette(std::span<const std::string> prompts);

}  // namespace ldznet

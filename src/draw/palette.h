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

/// A colour for every prompt. It follows from the prompt's text, so a prompt keeps its colour from run to run; where
/// two different prompts of one run meet on one colour, the later takes the next free of the twenty. Beyond twenty
/// different prompts colours repeat.
std::vector<Color> palette(std::span<const std::string> prompts);

}  // namespace ldznet

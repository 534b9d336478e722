#include "draw/palette.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"

namespace ldznet {

namespace {

/// Twenty colours of medium lightness. Each is as far as possible from those before it in the Oklab space (0.12 or more
/// between any two), so that neighbours in this list look very different.
constexpr std::array kColors = {
    Color{255, 75, 75}, Color{0, 255, 135},   Color{30, 90, 240},   Color{15, 120, 45},  Color{225, 180, 255},
    Color{165, 0, 165}, Color{255, 195, 75},  Color{30, 180, 195},  Color{165, 105, 0},  Color{255, 90, 210},
    Color{135, 180, 0}, Color{165, 105, 255}, Color{180, 105, 150}, Color{0, 120, 165},  Color{105, 240, 225},
    Color{180, 30, 60}, Color{90, 150, 255},  Color{240, 150, 135}, Color{120, 45, 210}, Color{195, 225, 0},
};

}  // namespace

std::vector<Color> palette(std::span<const std::string> prompts) {
  std::unordered_map<std::string_view, std::size_t> slots;
  std::array<bool, kColors.size()> taken{};
  std::vector<Color> colors;
  for (const std::string& prompt : prompts) {
    const auto [place, is_new] = slots.try_emplace(prompt, stable_hash(prompt) % kColors.size());
    if (is_new && slots.size() <= kColors.size()) {
      while (taken[place->second]) place->second = (place->second + 1) % kColors.size();
      taken[place->second] = true;
    }
    colors.push_back(kColors[place->second]);
  }
  return colors;
}

}  // namespace ldznet

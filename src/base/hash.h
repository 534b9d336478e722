#pragma once

#include <cstdint>
#include <string_view>

namespace ldznet {

/// FNV-1a, 64 bits: the same on every machine, which std::hash does not promise. For names and colours, not for safety.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

}  // namespace ldznet

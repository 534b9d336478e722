#pragma once

#include <cstdint>
#include <string_view>

namespace ldznet {

/// FNV-1a, 64 bits. Unlike std::hash it gives the same value on every machine. For names and colours; not
/// cryptographic.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

}  // namespace ldznet

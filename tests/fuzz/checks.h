#pragma once

#include <cstdlib>
#include <string>

#include "fuzz/targets.h"

namespace ldznet::fuzz {

/// Aborts when a condition does not hold.
inline void require(bool holds) {
  if (!holds) std::abort();
}

inline std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace ldznet::fuzz

#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <string>

namespace ldznet {

/// The number with this many digits after the decimal point: decimals(63.66) is "63.7".
inline std::string decimals(double value, int digits = 1) {
  std::array<char, 352> text{};  // the largest double has 309 digits before the point
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// The same with its sign: "+63.7".
inline std::string signed_decimals(double value, int digits = 1) {
  return (std::signbit(value) ? "" : "+") + decimals(value, digits);
}

}  // namespace ldznet

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ldznet {

/// The texts with ", " between them, and `last` before the last one: "mask, overlay or labels" for `last` = " or ".
inline std::string joined(const std::vector<std::string>& texts, std::string_view last = ", ") {
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) all += i + 1 == texts.size() ? last : ", ";
    all += texts[i];
  }
  return all;
}

}  // namespace ldznet

#pragma once

#include <string>
#include <vector>

namespace ldznet {

/// The texts with ", " between them.
inline std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i) all += (i == 0 ? "" : ", ") + texts[i];
  return all;
}

}  // namespace ldznet

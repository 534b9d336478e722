#pragma once

#include <filesystem>

#include "ldznet/mask.h"

namespace ldznet {

/// A picture of probabilities: gray of 8 or 16 bits, black 0 and white 1. Of a colour picture the mean of the channels
/// counts; alpha does not. Throws Error(missing_input) and Error(bad_image).
Probability read_gray(const std::filesystem::path& path);

}  // namespace ldznet

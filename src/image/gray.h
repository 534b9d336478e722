#pragma once

#include <filesystem>

#include "ldznet/mask.h"

namespace ldznet {

/// Reads a picture as probabilities: 8 or 16-bit gray, black = 0, white = 1. For a colour picture, the mean of its
/// channels without alpha. Throws Error(missing_input) or Error(bad_image).
Probability read_gray(const std::filesystem::path& path);

}  // namespace ldznet

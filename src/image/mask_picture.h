#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// A picture read as a mask or as probabilities.
struct MaskPicture {
  Probability map;       ///< 0 to 1; of a mask, only 0 and 1
  bool is_exact = true;  ///< false: the compression is lossy, so black and white are only nearly so

  /// Set when the stored values are gray, and none but 0 and 1. `map` takes them for a mask; if they are probabilities,
  /// the larger one is this, the least above 0 that the file's depth can hold.
  std::optional<float> least;
};

/// Reads masks and probabilities from pictures, by the rule that docs/results.md states: transparency counts before
/// colours, colours are labels, gray is a probability unless it is only 0 and 1 or only 0 and 255.
class MaskReader {
 public:
  /// Pictures with more than `max_pixels` are refused.
  explicit MaskReader(std::uint64_t max_pixels = kMostPixels) : max_pixels_(max_pixels) {}

  /// Warns about the first picture with lossy compression. Throws Error(missing_input) and Error(bad_image).
  MaskPicture read(const std::filesystem::path& path);

 private:
  std::uint64_t max_pixels_;
  bool has_warned_ = false;
};

}  // namespace ldznet

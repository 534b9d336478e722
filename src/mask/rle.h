#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Run lengths of a mask as COCO counts them: down the columns, the columns from the left, zeros and ones in turn. The
/// first run is of zeros and may be 0 long.
std::vector<std::uint32_t> run_lengths(const Mask& mask);

/// The mask of such run lengths. Throws Error(bad_image) when they do not add up to width * height.
Mask mask_from_runs(std::span<const std::uint32_t> runs, int width, int height);

/// COCO's compressed `counts`: printable ASCII from '0' to 'o', so it may hold a backslash, which JSON writers escape.
std::string encode_rle(const Mask& mask);

/// The mask of a compressed `counts`. Throws Error(bad_image) when it is none of a picture of this size.
Mask decode_rle(std::string_view counts, int width, int height);

}  // namespace ldznet

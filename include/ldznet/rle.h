// COCO's run-length encoding of masks, compatible with pycocotools.
//
//     const std::string counts = ldznet::encode_rle(mask);  // {"size": [H, W], "counts": counts}
//     const ldznet::Mask same = ldznet::decode_rle(counts, mask.width, mask.height);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// COCO's uncompressed counts: pixels column by column from the left, each from the top, as alternating runs of zeros
/// and ones. The first run is of zeros and may have length 0.
std::vector<std::uint32_t> run_lengths(const Mask& mask);

/// The mask of uncompressed counts. Throws Error(bad_image) when they do not add up to width * height.
Mask mask_from_runs(std::span<const std::uint32_t> runs, int width, int height);

/// COCO's compressed `counts`: printable ASCII from '0' to 'o'. It may contain a backslash, which JSON must escape.
std::string encode_rle(const Mask& mask);

/// The compressed `counts` of uncompressed ones.
std::string compress_runs(std::span<const std::uint32_t> runs);

/// The mask of compressed `counts`. Throws Error(bad_image) when they do not encode a mask of this size.
Mask decode_rle(std::string_view counts, int width, int height);

}  // namespace ldznet

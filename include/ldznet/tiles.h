// Large pictures in tiles: small things in them are found at the resolution that the networks were made for.
//
//     ldznet::segment_tiles(pipeline, image, prompts, {.side = 512}, [&](std::size_t i, ldznet::Probability map) {
//       std::cout << prompts[i] << ": " << ldznet::find_mask(std::move(map)).measures.area << " pixels\n";
//     });
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "ldznet/image.h"
#include "ldznet/pipeline.h"

namespace ldznet {

/// How a picture is divided and each tile segmented.
struct TileOptions {
  int side = 512;               ///< pixels of a tile, in both directions
  EncodeOptions encode = {};    ///< of a tile, and of the picture as a whole
  SegmentOptions segment = {};  ///< a pass has at most `batch_size` pairs of tile and prompt
  std::function<void(std::size_t done, std::size_t all)> progress;  ///< called after every pass; may throw
};

/// One probability map per prompt, at the size of the picture, like Pipeline::segment(). Tiles overlap by a quarter and
/// are blended with a smooth window. In addition, the whole picture is segmented once: where that finds a region that
/// does not fit into a tile, or agrees with the tiles that a pixel is inside, the larger probability counts; anywhere
/// else that of the tiles. A picture that fits into one tile is segmented as usual.
/// At most `batch_size` maps are in memory at a time; the networks see a tile at a time. With more prompts than that,
/// the tiles are encoded again for every `batch_size` of them. Throws what Pipeline::encode() and Pipeline::segment()
/// throw.
void segment_tiles(const Pipeline& pipeline, const Image& image, std::span<const std::string> prompts,
                   const TileOptions& options, const Pipeline::MapCallback& take, StageCosts* costs = nullptr);

}  // namespace ldznet

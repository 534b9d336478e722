#include "ldznet/tiles.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "ldznet/error.h"
#include "mask/tile_maps.h"

namespace ldznet {

namespace {

/// The part of a picture that a tile shows.
Image cut(const Image& image, int left, int top, int width, int height) {
  Image part{width, height, {}, {}};
  part.rgb.reserve(static_cast<std::size_t>(width) * height * 3);
  for (int y = top; y < top + height; ++y) {
    const std::uint8_t* row = image.rgb.data() + (static_cast<std::size_t>(y) * image.width + left) * 3;
    part.rgb.insert(part.rgb.end(), row, row + static_cast<std::size_t>(width) * 3);
  }
  return part;
}

/// A picture in tiles, numbered row by row.
class TiledPicture {
 public:
  TiledPicture(const Pipeline& pipeline, const Image& image, const TileOptions& options, StageCosts* costs)
      : pipeline_(pipeline),
        image_(image),
        options_(options),
        costs_(costs),
        across_(tile_axis(image.width, options.side)),
        down_(tile_axis(image.height, options.side)) {}

  std::size_t tiles() const { return across_.starts.size() * down_.starts.size(); }

  /// The blended maps of some prompts. `done` of `all` tiles have been segmented before, for other prompts.
  std::vector<Probability> maps(std::span<const std::string> prompts, std::size_t done, std::size_t all) const {
    const std::size_t pixels = static_cast<std::size_t>(image_.width) * image_.height;
    std::vector<Probability> sums(prompts.size(), {image_.width, image_.height, std::vector<float>(pixels)});
    const std::size_t at_once = std::max<std::size_t>(options_.segment.batch_size / prompts.size(), 1);
    for (std::size_t first = 0; first < tiles(); first += at_once) {
      const std::size_t count = std::min(at_once, tiles() - first);
      add(prompts, first, count, sums);
      if (options_.progress) options_.progress(done + first + count, all);
    }
    return sums;
  }

 private:
  void add(std::span<const std::string> prompts, std::size_t first, std::size_t count,
           std::vector<Probability>& sums) const {
    const std::size_t columns = across_.starts.size();
    std::vector<Image> parts;
    for (std::size_t tile = first; tile < first + count; ++tile)
      parts.push_back(
          cut(image_, across_.starts[tile % columns], down_.starts[tile / columns], across_.side, down_.side));
    const EncodedImage encoded = pipeline_.encode(parts, options_.encode, costs_);
    const auto take = [&](std::size_t i, const Probability& map) {
      const std::size_t tile = first + i % count;
      add_tile(across_, tile % columns, down_, tile / columns, map, sums[i / count]);
    };
    pipeline_.segment(encoded, prompts, options_.segment, take, costs_);
  }

  const Pipeline& pipeline_;
  const Image& image_;
  const TileOptions& options_;
  StageCosts* costs_;
  TileAxis across_, down_;
};

}  // namespace

void segment_tiles(const Pipeline& pipeline, const Image& image, std::span<const std::string> prompts,
                   const TileOptions& options, const Pipeline::MapCallback& take, StageCosts* costs) {
  pipeline.check(options.segment);
  if (options.side < 1) throw Error(ErrorCode::usage, "a tile must have 1 pixel or more along a side", "");
  const TiledPicture tiled(pipeline, image, options, costs);
  const EncodedImage whole = pipeline.encode(image, options.encode, costs);
  if (tiled.tiles() == 1) return pipeline.segment(whole, prompts, options.segment, take, costs);
  const auto batch_size = static_cast<std::size_t>(options.segment.batch_size);
  const std::size_t batches = (prompts.size() + batch_size - 1) / batch_size;
  for (std::size_t first = 0; first < prompts.size(); first += batch_size) {
    const auto batch = prompts.subspan(first, std::min(batch_size, prompts.size() - first));
    std::vector<Probability> maps = tiled.maps(batch, first / batch_size * tiled.tiles(), batches * tiled.tiles());
    for (std::size_t k = 0; k < batch.size(); ++k) {
      const auto complete = [&](std::size_t /*prompt*/, const Probability& map) {
        take(first + k, with_context(std::move(maps[k]), map, options.side));
      };
      pipeline.segment(whole, batch.subspan(k, 1), options.segment, complete, costs);
    }
  }
}

}  // namespace ldznet

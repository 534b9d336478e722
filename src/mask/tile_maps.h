#pragma once

#include <cstddef>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Overlapping tiles along one axis of a picture, evenly spaced from its start to its end.
struct TileAxis {
  int pixels = 0;           ///< of the picture
  int side = 0;             ///< of a tile; the picture's if that is smaller
  std::vector<int> starts;  ///< first pixels, ascending

  /// By tile, a weight for every one of its pixels: a Hann window, scaled so that the weights of all tiles at a pixel
  /// add up to 1.
  std::vector<std::vector<float>> weights;
};

/// Neighbouring tiles overlap by at least a quarter.
TileAxis tile_axis(int pixels, int side);

/// Adds the map of a tile, the `column`th across and the `row`th down, weighted, to that of the picture.
void add_tile(const TileAxis& across, std::size_t column, const TileAxis& down, std::size_t row,
              const Probability& tile, Probability& sum);

/// The map of the tiles, completed by that of the picture as a whole. The larger probability counts where both are at
/// least 0.5, and where the pixel is in a connected region of at least 0.5 in the whole picture that is wider or higher
/// than a tile. Anywhere else the tiles count, which see more detail.
Probability with_context(Probability tiles, const Probability& whole, int side);

}  // namespace ldznet

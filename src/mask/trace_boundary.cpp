#include "mask/trace_boundary.h"

#include <cstddef>

namespace ldznet {

namespace {

bool is_inside(const Mask& mask, int x, int y) {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height &&
         mask.pixels[static_cast<std::size_t>(y) * mask.width + x] != 0;
}

}  // namespace

Polygon trace_boundary(const Mask& mask, const EdgeWalker& start) {
  Polygon polygon;
  EdgeWalker walker = start;
  do {
    polygon.push_back(walker.x);
    polygon.push_back(walker.y);
    bool straight = true;
    while (straight) {
      walker.x += walker.dx;
      walker.y += walker.dy;
      // The pixels ahead on both sides of the corner; (0,0) + (dx-1)/2 is the pixel to the upper left of a corner.
      const auto ahead = [&](int side) {
        const int px = walker.x + (walker.dx - side * walker.dy - 1) / 2;
        const int py = walker.y + (walker.dy + side * walker.dx - 1) / 2;
        return is_inside(mask, px, py);
      };
      constexpr int kLeft = -1, kRight = 1;
      straight = false;
      if (ahead(kLeft))
        walker.turn_left();
      else if (ahead(kRight))
        straight = true;
      else
        walker.turn_right();
    }
  } while (walker != start);
  return polygon;
}

}  // namespace ldznet

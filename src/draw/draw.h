#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/label_map.h"

namespace ldznet {

/// An RGB picture with straight (not premultiplied) alpha, 8 bits a channel, rows from the top.
struct RgbaImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;  ///< H * W * 4
  std::string profile = {};        ///< ICC profile of the colours; empty: sRGB
};

/// The picture with every mask tinted and outlined along its inner edge; the line's width grows with the picture.
/// `colors[k]` belongs to `masks[k]`. Masks have the picture's size; later ones are drawn on top.
Image draw_overlay(const Image& image, std::span<const Mask> masks, std::span<const Color> colors);

/// Every pixel in its label's colour: `colors[k]` belongs to label k + 1; label 0 is black.
Image draw_label_map(const LabelMap& map, std::span<const Color> colors);

/// Two pictures of the same height next to each other, with a white gap.
Image side_by_side(const Image& left, const Image& right);

/// The picture's pixels inside the mask, its own pixels if it has them, else opaque; all others are transparent black.
RgbaImage cut_out(const Image& image, const Mask& mask);

/// The part of the picture inside the box; the whole picture for an empty box.
RgbaImage crop(RgbaImage image, const Box& box);

/// The picture in front of a plain colour, opaque.
RgbaImage on_background(RgbaImage image, const Color& color);

}  // namespace ldznet

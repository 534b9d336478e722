#pragma once

#include <string>
#include <string_view>

#include "draw/draw.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/label_map.h"

namespace ldznet {

// Every `encode_` function returns the bytes of a PNG file. The same pixels always give the same bytes. Directly behind
// the header they have a tEXt chunk, Software = ldznet, by which runs over folders know them.

/// 8 bits, gray: 255 inside, 0 outside.
std::string encode_png(const Mask& mask);

/// 16 bits, gray: 65535 is 1.0.
std::string encode_png(const Probability& probability);

/// 8 bits, RGB.
std::string encode_png(const Image& image);

/// 8 bits, RGBA, with the colour profile.
std::string encode_png(const RgbaImage& image);

/// Gray; a pixel's value is its label. 8 bits if `most`, the largest possible label, fits, else 16.
std::string encode_png(const LabelMap& map, std::size_t most);

/// 8 bits, RGB; a pixel's label is red + 256 green.
std::string encode_panoptic_png(const LabelMap& map);

/// Whether a file that starts with these bytes, 512 or more unless it is shorter, is a PNG written by ldznet.
bool has_own_mark(std::string_view start);

}  // namespace ldznet

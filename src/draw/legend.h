#pragma once

#include <span>
#include <string>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "mask/label_map.h"

namespace ldznet {

/// The picture in pale gray with every labelled pixel in its label's colour, and below it a legend with a swatch and a
/// name for each label. The result is as wide as the picture and, unless there are no names, higher. `names[k]` and
/// `colors[k]` belong to label k + 1.
Image draw_labels(const Image& image, const LabelMap& map, std::span<const std::string> names,
                  std::span<const Color> colors);

}  // namespace ldznet

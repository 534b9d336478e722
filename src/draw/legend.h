#pragma once

#include <span>
#include <string>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "mask/label_map.h"

namespace ldznet {

/// The picture in pale gray with every labelled pixel in its prompt's colour, and below it a legend: a swatch and the
/// name of each prompt, in columns, as many rows as they need. So it is W wide and more than H high. `names[k]` and
/// `colors[k]` belong to label k + 1.
Image draw_labels(const Image& image, const LabelMap& map, std::span<const std::string> names,
                  std::span<const Color> colors);

}  // namespace ldznet

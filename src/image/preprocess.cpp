#include "image/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "image/resize.h"

namespace ldznet {

Size working_size(Size image, int area, int multiple) {
  const double aspect = static_cast<double>(image.height) / image.width;
  const double width = std::floor(std::sqrt(area / aspect));
  const double height = std::floor(aspect * width);
  const auto floored = [multiple](double side) { return std::max(static_cast<int>(side / multiple), 1) * multiple; };
  const int longest = floored(static_cast<double>(area) / multiple);
  if (width < multiple) return {multiple, width < 1 ? longest : std::min(floored(height), longest)};
  if (height < multiple) return {std::min(floored(width), longest), multiple};
  return {floored(width), floored(height)};
}

double reduction(Size image, Size working) {
  return std::sqrt(static_cast<double>(image.width) * image.height /
                   (static_cast<double>(working.width) * working.height));
}

WorkingImage preprocess(const Image& image, int area, int multiple) {
  const Size size = working_size({image.width, image.height}, area, multiple);
  const Image resized = resize_lanczos(image, size.width, size.height);
  std::array<float, 256> scaled{};
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] = static_cast<float>(i) / 255.0F * 2.0F - 1.0F;
  WorkingImage out{size.width, size.height, {}};
  const std::size_t plane = static_cast<std::size_t>(size.width) * size.height;
  out.values.resize(3 * plane);
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out.values[c * plane + i] = scaled[resized.rgb[3 * i + c]];
  }
  return out;
}

}  // namespace ldznet

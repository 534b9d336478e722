#include "znet/probability_maps.h"

namespace ldznet {

Probability to_probability_map(const at::Tensor& probability, int width, int height) {
  Probability map{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
  at::Tensor out = at::from_blob(map.values.data(), {1, 1, height, width}, at::kFloat);
  at::upsample_bilinear2d_out(out, probability, {height, width}, /*align_corners=*/false);
  return map;
}

}  // namespace ldznet

#include "znet/probability_maps.h"

namespace ldznet {

std::vector<Probability> to_probability_maps(const at::Tensor& probability, int width, int height) {
  std::vector<Probability> maps;
  for (const at::Tensor& one : probability.split(1)) {
    Probability& map =
        maps.emplace_back(Probability{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)});
    at::Tensor out = at::from_blob(map.values.data(), {1, 1, height, width}, at::kFloat);
    at::upsample_bilinear2d_out(out, one, {height, width}, /*align_corners=*/false);
  }
  return maps;
}

}  // namespace ldznet

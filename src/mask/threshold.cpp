#include "mask/threshold.h"

#include <algorithm>
#include <cstddef>
#include <opencv2/imgproc.hpp>

namespace ldznet {

Probability resize(const Probability& probability, int width, int height) {
  if (width == probability.width && height == probability.height) return probability;
  Probability resized{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
  const cv::Mat from(probability.height, probability.width, CV_32F, const_cast<float*>(probability.values.data()));
  cv::Mat to(height, width, CV_32F, resized.values.data());
  cv::resize(from, to, to.size(), 0, 0, cv::INTER_LINEAR);
  return resized;
}

Mask apply_threshold(const Probability& probability, double threshold) {
  const auto limit = static_cast<float>(threshold);
  Mask mask{probability.width, probability.height, std::vector<std::uint8_t>(probability.values.size())};
  std::transform(probability.values.begin(), probability.values.end(), mask.pixels.begin(),
                 [limit](float value) { return static_cast<std::uint8_t>(value >= limit); });
  return mask;
}

MaskMeasures measure(const Probability& probability, const Mask& mask) {
  MaskMeasures measures;
  float largest = 0;
  double sum = 0;
  int left = mask.width, right = -1, top = mask.height, bottom = -1;
  for (int y = 0; y < mask.height; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * mask.width;
    for (int x = 0; x < mask.width; ++x) {
      const float value = probability.values[row + x];
      largest = std::max(largest, value);
      if (mask.pixels[row + x] == 0) continue;
      sum += value;
      ++measures.area;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = y;
    }
  }
  measures.max_probability = largest;
  if (measures.area > 0) {
    measures.score = sum / static_cast<double>(measures.area);
    measures.box = {left, top, right - left + 1, bottom - top + 1};
  }
  return measures;
}

}  // namespace ldznet

#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "ldznet/mask.h"

namespace ldznet {

Probability resize(const Probability& probability, int width, int height) {
  if (width == probability.width && height == probability.height) return probability;
  Probability resized{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
  const cv::Mat from(probability.height, probability.width, CV_32F, const_cast<float*>(probability.values.data()));
  cv::Mat to(height, width, CV_32F, resized.values.data());
  cv::resize(from, to, to.size(), 0, 0, cv::INTER_LINEAR);
  return resized;
}

}  // namespace ldznet

#include "image/gray.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <span>
#include <string>

#include "image/stored.h"
#include "ldznet/image.h"

namespace ldznet {

Probability read_gray(const std::filesystem::path& path) {
  const std::string content = read_picture_file(path);
  const cv::Mat stored = decode_stored(std::as_bytes(std::span(content)), path.string()).pixels;
  const float white = stored.depth() == CV_16U ? 65535.0F : 255.0F;
  const int colours = std::min(stored.channels(), 3);
  Probability gray{stored.cols, stored.rows, std::vector<float>(stored.total())};
  cv::Mat means(stored.size(), CV_32F, gray.values.data()), values;
  cv::Mat weights = cv::Mat::zeros(1, stored.channels(), CV_32F);  // 0 for alpha, the fourth channel
  weights.colRange(0, colours).setTo(1.0 / colours);
  stored.convertTo(values, CV_32F);
  cv::transform(values, means, weights);
  for (float& value : gray.values) value = std::min(value / white, 1.0F);
  return gray;
}

}  // namespace ldznet

#include "ldznet/regions.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "mask/cv_view.h"

namespace ldznet {

namespace {

/// Connected regions of the pixels that are not 0.
struct Regions {
  cv::Mat labels;  // (H,W) int32, 0 = none, regions from 1
  cv::Mat stats;   // a row per label, columns cv::CC_STAT_*

  Regions(const cv::Mat& pixels, int connectivity) {
    cv::Mat centroids;
    cv::connectedComponentsWithStats(pixels, labels, stats, centroids, connectivity, CV_32S);
  }
  int count() const { return stats.rows; }
  int stat(int label, cv::ConnectedComponentsTypes which) const { return stats.at<int>(label, which); }
};

/// The mask of the pixels whose label satisfies `inside`.
Mask select(const Regions& regions, const std::function<bool(int label)>& inside) {
  std::vector<std::uint8_t> value(static_cast<std::size_t>(regions.count()));
  for (int label = 0; label < regions.count(); ++label) value[label] = inside(label) ? 1 : 0;
  Mask mask{regions.labels.cols, regions.labels.rows, {}};
  mask.pixels.reserve(regions.labels.total());
  for (int y = 0; y < mask.height; ++y) {
    const int* row = regions.labels.ptr<int>(y);
    for (int x = 0; x < mask.width; ++x) mask.pixels.push_back(value[row[x]]);
  }
  return mask;
}

}  // namespace

Mask drop_small_regions(const Mask& mask, int min_area) {
  if (mask.pixels.empty() || min_area <= 1) return mask;
  const Regions regions(view(mask), 8);
  return select(regions, [&](int label) { return label > 0 && regions.stat(label, cv::CC_STAT_AREA) >= min_area; });
}

Mask fill_holes(const Mask& mask) {
  if (mask.pixels.empty()) return mask;
  const Regions outside(view(mask) == 0, 4);
  const auto touches_border = [&](int label) {
    const int left = outside.stat(label, cv::CC_STAT_LEFT), top = outside.stat(label, cv::CC_STAT_TOP);
    return left == 0 || top == 0 || left + outside.stat(label, cv::CC_STAT_WIDTH) == mask.width ||
           top + outside.stat(label, cv::CC_STAT_HEIGHT) == mask.height;
  };
  return select(outside, [&](int label) { return label == 0 || !touches_border(label); });
}

Mask keep_largest_region(const Mask& mask) {
  if (mask.pixels.empty()) return mask;
  const Regions regions(view(mask), 8);
  int area = 0;
  for (int label = 1; label < regions.count(); ++label) area = std::max(area, regions.stat(label, cv::CC_STAT_AREA));
  // OpenCV does not number regions in reading order, so the first of equal ones is searched for in the mask.
  const auto is_largest = [&](int label) { return label > 0 && regions.stat(label, cv::CC_STAT_AREA) == area; };
  const auto first = std::find_if(regions.labels.begin<int>(), regions.labels.end<int>(), is_largest);
  const int largest = first == regions.labels.end<int>() ? 0 : *first;
  return select(regions, [&](int label) { return label > 0 && label == largest; });
}

}  // namespace ldznet

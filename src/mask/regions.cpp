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

/// The labels of the regions, the largest first; of equal ones, the first in reading order.
std::vector<int> largest_first(const Regions& regions) {
  std::vector<int> labels;  // in reading order, since OpenCV's numbers are not
  std::vector<bool> is_known(static_cast<std::size_t>(regions.count()));
  is_known[0] = true;
  for (auto label = regions.labels.begin<int>(); label != regions.labels.end<int>(); ++label) {
    if (is_known[*label]) continue;
    is_known[*label] = true;
    labels.push_back(*label);
  }
  std::stable_sort(labels.begin(), labels.end(), [&](int one, int other) {
    return regions.stat(one, cv::CC_STAT_AREA) > regions.stat(other, cv::CC_STAT_AREA);
  });
  return labels;
}

/// One region of a mask with its probabilities.
FoundMask region_of(const FoundMask& found, const Regions& regions, int label) {
  const auto& [width, height, pixels] = found.mask;
  FoundMask region{{width, height, std::vector<float>(pixels.size())},
                   {width, height, std::vector<std::uint8_t>(pixels.size())},
                   {}};
  const int left = regions.stat(label, cv::CC_STAT_LEFT), top = regions.stat(label, cv::CC_STAT_TOP);
  const int right = left + regions.stat(label, cv::CC_STAT_WIDTH);
  const int bottom = top + regions.stat(label, cv::CC_STAT_HEIGHT);
  for (int y = top; y < bottom; ++y) {
    const int* labels = regions.labels.ptr<int>(y);
    const std::size_t row = static_cast<std::size_t>(y) * width;
    for (int x = left; x < right; ++x) {
      if (labels[x] != label) continue;
      region.mask.pixels[row + x] = 1;
      region.probability.values[row + x] = found.probability.values[row + x];
    }
  }
  region.measures = measure(region.probability, region.mask);
  return region;
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
  const std::vector<int> labels = largest_first(regions);
  return select(regions, [&](int label) { return !labels.empty() && label == labels.front(); });
}

void for_each_region(const FoundMask& found, const std::function<void(FoundMask region)>& take) {
  if (found.mask.pixels.empty()) return;
  const Regions regions(view(found.mask), 8);
  for (const int label : largest_first(regions)) take(region_of(found, regions, label));
}

}  // namespace ldznet

#pragma once

#include <cstdint>
#include <span>

#include "ldznet/feature.h"
#include "mask/label_map.h"

namespace ldznet {

/// A coarse segmentation from features alone (paper, figure 1): all are brought to the largest one's size, each weighs
/// as much as it has places, and their places are clustered by k-means. The map has width x height pixels, its labels
/// are 1 to `clusters`, the largest region first; the same input gives the same map. Throws Error(usage) when there are
/// fewer places than clusters.
LabelMap cluster(std::span<const Feature> features, int clusters, int width, int height);

}  // namespace ldznet

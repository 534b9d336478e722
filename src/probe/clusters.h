#pragma once

#include <cstdint>
#include <span>

#include "ldznet/feature.h"
#include "ldznet/image.h"
#include "mask/label_map.h"
#include "mask/threshold.h"

namespace ldznet {

/// A picture with a margin round it, and where in it the picture is.
struct Framed {
  Image image;
  Box inside;
};

/// Of a picture's side, on each of its ends: wide enough for what convolutions make of an edge.
constexpr double kMirrorMargin = 1.0 / 8;

/// The picture with its mirror image beyond its edges. The UNet's features tell where its image ends, which has nothing
/// to do with what is in the picture: those of the margin can be left out.
Framed mirror_edges(const Image& image);

/// A coarse segmentation from features alone (paper, figure 1) of a picture of width x height pixels: all are brought
/// to the largest one's size, each weighs as much as it has places, and the directions of the places that lie `inside`
/// are clustered by k-means. A pixel belongs to the cluster that its interpolated feature is closest to. The map has
/// the size of `inside`, its labels are 1 to `clusters`, the largest region first; the same input gives the same map.
/// Throws Error(usage) when there are fewer places than clusters.
LabelMap cluster(std::span<const Feature> features, int clusters, int width, int height, const Box& inside);

}  // namespace ldznet

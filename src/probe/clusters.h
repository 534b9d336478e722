#pragma once

#include <cstdint>
#include <span>

#include "ldznet/feature.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/label_map.h"

namespace ldznet {

/// A picture with a margin on all sides; `inside` is the part without the margin.
struct PaddedImage {
  Image image;
  Box inside;
};

/// Width of the margin as a share of the picture's side: wide enough for the edge effects of the UNet's convolutions.
constexpr double kMirrorMargin = 1.0 / 8;

/// Pads the picture with its mirror image. The UNet's features differ near the edges of its image whatever the picture
/// shows; with the margin these positions can be left out.
PaddedImage mirror_edges(const Image& image);

/// A coarse segmentation, from features alone, of a picture of width x height pixels (paper, figure 1). All features
/// are resized to the largest one and weighted by their number of positions; the normalised vectors of the positions
/// `inside` are clustered by k-means. A pixel belongs to the cluster closest to its interpolated vector. The map has
/// the size of `inside` and labels from 1 to `clusters`, the largest cluster first; the same input gives the same map.
/// Throws Error(usage) when there are fewer positions than clusters.
LabelMap cluster(std::span<const Feature> features, int clusters, int width, int height, const Box& inside);

}  // namespace ldznet

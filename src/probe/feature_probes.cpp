#include "probe/feature_probes.h"

#include <cstdint>

#include "ldznet/mask.h"

namespace ldznet {

void FeatureProbes::add(std::span<const Feature> features, const LabelledImage& image) {
  if (probes_.empty())
    for (const Feature& feature : features)
      probes_.emplace_back(feature.channels, dimensions_,
                           static_cast<std::int64_t>(images_) * feature.height * feature.width);
  for (std::size_t f = 0; f < features.size(); ++f) probes_[f].add(features[f], image);
}

void FeatureProbes::fit() {
  for (LinearProbe& probe : probes_) probe.fit();
  metrics_.resize(probes_.size());
}

void FeatureProbes::test(std::span<const Feature> features, const LabelledImage& image) {
  for (std::size_t f = 0; f < features.size(); ++f)
    for (std::size_t p = 0; p < image.masks.size(); ++p) {
      const Mask& truth = image.masks[p];
      const Probability coarse = probes_[f].probability(features[f], image.directions[p]);
      metrics_[f].add(count_pixels(resize(coarse, truth.width, truth.height), truth));
    }
}

}  // namespace ldznet

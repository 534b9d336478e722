#include "probe/feature_probes.h"

#include <gtest/gtest.h>

#include <random>

namespace ldznet {
namespace {

constexpr int kEdge = 8;

/// An image whose left half, moved by `shift`, belongs to its one phrase. The first feature shows that half under
/// noise, the second is noise alone.
struct Example {
  std::vector<Feature> features;
  LabelledImage labelled;
};

Example example(int shift) {
  std::mt19937 random(static_cast<unsigned>(shift) + 1);
  std::normal_distribution<float> noise(0, 0.2F);
  Example made{{{"seeing", 1, kEdge, kEdge, {}}, {"blind", 1, kEdge, kEdge, {}}}, {{{1.0}}, {}}};
  Mask mask{kEdge, kEdge, {}};
  for (int i = 0; i < kEdge * kEdge; ++i) {
    const bool inside = (i + shift) % kEdge < kEdge / 2;
    mask.pixels.push_back(inside ? 1 : 0);
    made.features[0].values.push_back((inside ? 1.0F : 0.0F) + noise(random));
    made.features[1].values.push_back(noise(random));
  }
  made.labelled.masks.push_back(mask);
  return made;
}

TEST(FeatureProbes, TellFeaturesThatKnowTheObjectFromOthers) {
  constexpr int kImages = 6;
  FeatureProbes probes(kImages, 1);
  for (int i = 0; i < kImages; ++i) probes.add(example(i).features, example(i).labelled);
  probes.fit();
  for (int i = kImages; i < kImages + 4; ++i) probes.test(example(i).features, example(i).labelled);
  EXPECT_EQ(probes.summary(0).samples, 4U);
  EXPECT_GT(probes.summary(0).miou[kAtHalf], 0.9);
  EXPECT_LT(probes.summary(1).miou[kAtHalf], 0.6);
}

TEST(FeatureProbes, AbsentObjectsAreCountedApart) {
  FeatureProbes probes(1, 1);
  Example made = example(0);
  probes.add(made.features, made.labelled);
  probes.fit();
  made.labelled.masks[0].pixels.assign(kEdge * kEdge, 0);
  probes.test(made.features, made.labelled);
  EXPECT_EQ(probes.summary(0).samples, 0U);
  EXPECT_EQ(probes.summary(0).absent, 1U);
}

}  // namespace
}  // namespace ldznet

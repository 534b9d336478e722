#include "probe/linear_probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace ldznet {
namespace {

constexpr int kChannels = 12, kSide = 16;

/// Three phrases with embeddings of length 8 that are nearly alike.
std::vector<std::vector<float>> embeddings() {
  std::vector<std::vector<float>> all(3, std::vector<float>(8, 5.0F));
  for (int p = 0; p < 3; ++p) all[p][p] += 0.01F * static_cast<float>(p + 1);
  return all;
}

/// A picture in thirds, each a phrase's, whose features hold the phrase's number in one hot channel under noise.
struct Planted {
  Feature feature{"planted", kChannels, kSide, kSide, std::vector<float>(kChannels* kSide* kSide)};
  LabelledImage labelled;
};

Planted planted(unsigned seed, const Whitening& whitening) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0, 0.3F);
  Planted made;
  for (int p = 0; p < 3; ++p) {
    made.labelled.directions.push_back(whitening(embeddings()[p]));
    made.labelled.masks.push_back({kSide * 8, kSide * 8, std::vector<std::uint8_t>(kSide * kSide * 64)});
  }
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const int phrase = static_cast<int>((x + seed) % kSide) * 3 / kSide;
      for (int c = 0; c < kChannels; ++c)
        made.feature.values[(c * kSide + y) * kSide + x] = (c == phrase ? 2.0F : 1.0F) + noise(random);
      for (int dy = 0; dy < 8; ++dy)
        for (int dx = 0; dx < 8; ++dx) made.labelled.masks[phrase].pixels[(y * 8 + dy) * kSide * 8 + x * 8 + dx] = 1;
    }
  return made;
}

TEST(Whitening, SetsPhrasesThatAreAlikeApart) {
  const Whitening whitening(embeddings());
  ASSERT_EQ(whitening.dimensions(), 2);
  double square = 0;
  std::vector<double> mean(2, 0.0);
  for (const auto& embedding : embeddings()) {
    const std::vector<double> direction = whitening(embedding);
    for (int k = 0; k < 2; ++k) {
      mean[k] += direction[k];
      square += direction[k] * direction[k] / 3;
    }
  }
  EXPECT_NEAR(mean[0], 0, 1e-3);
  EXPECT_NEAR(mean[1], 0, 1e-3);
  EXPECT_NEAR(square, 1, 1e-3);
}

TEST(LinearProbe, FindsWhatIsInTheFeatures) {
  const Whitening whitening(embeddings());
  LinearProbe readout(kChannels, whitening.dimensions(), 20 * kSide * kSide);
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Planted made = planted(seed, whitening);
    readout.add(made.feature, made.labelled);
  }
  readout.fit();
  const Planted other = planted(99, whitening);
  double inside = 0, outside = 0, squared = 0;
  for (int p = 0; p < 3; ++p) {
    const Probability probability = readout.probability(other.feature, other.labelled.directions[p]);
    ASSERT_EQ(probability.width * probability.height, kSide * kSide);
    for (int i = 0; i < kSide * kSide; ++i) {
      const int x = i % kSide;
      const bool in = static_cast<int>((x + 99) % kSide) * 3 / kSide == p;
      (in ? inside : outside) += probability.values[i];
      squared += std::pow(probability.values[i] - (in ? 1 : 0), 2);
    }
  }
  const double third = kSide * kSide;
  EXPECT_GT(inside / third, 0.8);
  EXPECT_LT(outside / (2 * third), 0.1);
  EXPECT_LT(squared / (3 * third), 0.05);  // 0.22 for who answers a third everywhere
}

TEST(LinearProbe, OfNoiseAnswersWithTheShare) {
  const Whitening whitening(embeddings());
  LinearProbe readout(kChannels, whitening.dimensions(), 20 * kSide * kSide);
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 1);
  Planted made = planted(5, whitening);
  for (int i = 0; i < 20; ++i) {
    for (float& value : made.feature.values) value = noise(random);
    readout.add(made.feature, made.labelled);
  }
  readout.fit();
  const Probability probability = readout.probability(made.feature, made.labelled.directions[1]);
  for (const float p : probability.values) EXPECT_NEAR(p, 1.0F / 3, 0.12F);
}

}  // namespace
}  // namespace ldznet

#include "noise/noise_schedule.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

const NoiseSchedule& published() {
  static const NoiseSchedule schedule(1000, 0.00085, 0.012);
  return schedule;
}

// Computed with 40 decimal digits.
TEST(NoiseSchedule, AlphasCumprod) {
  const at::Tensor abar = published().alphas_cumprod();
  ASSERT_EQ(abar.sizes(), at::IntArrayRef({1000}));
  EXPECT_EQ(abar.scalar_type(), at::kFloat);
  EXPECT_FLOAT_EQ(abar[0].item<float>(), 0.99915f);
  EXPECT_FLOAT_EQ(abar[1].item<float>(), 0.99829602783845147848f);
  EXPECT_FLOAT_EQ(abar[400].item<float>(), 0.42448302403098407958f);
  EXPECT_FLOAT_EQ(abar[500].item<float>(), 0.27633268382297475464f);
  EXPECT_FLOAT_EQ(abar[999].item<float>(), 0.00466009851307724040f);
}

TEST(NoiseSchedule, OtherLengths) {
  const NoiseSchedule schedule(2, 0.01, 0.25);
  EXPECT_FLOAT_EQ(schedule.alphas_cumprod()[0].item<float>(), 0.99f);
  EXPECT_FLOAT_EQ(schedule.alphas_cumprod()[1].item<float>(), 0.99f * 0.75f);
}

TEST(NoiseSchedule, AddNoiseKeepsTheVariance) {
  const at::Tensor z = at::full({1, 4, 2, 2}, 3.0f);
  const at::Tensor noise = at::full({1, 4, 2, 2}, -2.0f);
  for (const int timestep : {0, 400, 999}) {
    const double abar = published().alphas_cumprod()[timestep].item<double>();
    const at::Tensor z_t = published().add_noise(z, noise, timestep);
    EXPECT_EQ(z_t.sizes(), z.sizes());
    EXPECT_NEAR(z_t.min().item<double>(), std::sqrt(abar) * 3 - std::sqrt(1 - abar) * 2, 1e-6) << timestep;
    EXPECT_EQ(z_t.min().item<float>(), z_t.max().item<float>());
  }
}

// The values of torch.manual_seed(7); torch.randn(1, 4, 32, 24) in Python.
TEST(Noise, EqualsTorchRandn) {
  const at::Tensor noise = make_noise(7, at::empty({1, 4, 32, 24}));
  ASSERT_EQ(noise.sizes(), at::IntArrayRef({1, 4, 32, 24}));
  EXPECT_EQ(noise.scalar_type(), at::kFloat);
  EXPECT_FLOAT_EQ(noise.flatten()[0].item<float>(), -0.8201345205307007f);
  EXPECT_FLOAT_EQ(noise.flatten()[1].item<float>(), 0.39563116431236267f);
  EXPECT_FLOAT_EQ(noise.flatten()[-1].item<float>(), -0.9007834792137146f);
}

TEST(Noise, DependsOnTheSeedOnly) {
  const at::Tensor z = at::empty({1, 4, 8, 8});
  const at::Tensor first = make_noise(0, z);
  at::manual_seed(3);
  EXPECT_TRUE(make_noise(0, z).equal(first));
  EXPECT_FALSE(make_noise(1, z).equal(first));
}

}  // namespace
}  // namespace ldznet

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "ldznet/image.h"
#include "support/ppm.h"

namespace ldznet {
namespace {

std::filesystem::path pictures() { return test::data_folder() / "pictures"; }

/// The largest difference from Pillow: lossy decoders may round differently, lossless ones must agree.
int tolerance(const std::string& name) {
  if (name == "cmyk.jpg") return 3;
  return name.ends_with(".jpg") && !name.starts_with("a-png") ? 2 : 0;
}

TEST(Decode, EqualsPillowOnEveryPicture) {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pictures())) {
    const std::string name = entry.path().filename().string();
    const auto expected_path = pictures() / (name + ".ppm");
    if (!std::filesystem::exists(expected_path)) continue;
    const Image expected = test::read_ppm(expected_path);
    const Image image = read_image(entry.path());
    EXPECT_EQ(image.width, expected.width) << name;
    EXPECT_EQ(image.height, expected.height) << name;
    ASSERT_EQ(image.rgb.size(), expected.rgb.size()) << name;
    int worst = 0;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
      worst = std::max(worst, std::abs(image.rgb[i] - expected.rgb[i]));
    }
    EXPECT_LE(worst, tolerance(name)) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 45);
}

TEST(Decode, WarnsAboutFurtherFrames) {
  const std::vector<std::string> warnings = {"only the first frame of the animation is used"};
  EXPECT_EQ(read_image(pictures() / "animated.webp").warnings, warnings);
  EXPECT_EQ(read_image(pictures() / "animated.png").warnings.size(), 1U);
  EXPECT_EQ(read_image(pictures() / "pages.tiff").warnings.size(), 1U);
  EXPECT_TRUE(read_image(pictures() / "rgb.png").warnings.empty());
}

}  // namespace
}  // namespace ldznet

#include "image/resize.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/ppm.h"

namespace ldznet {
namespace {

TEST(Resize, EqualsPillow) {
  int compared = 0, worst = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::data_folder() / "resize")) {
    const std::string stem = entry.path().stem().string();
    const std::size_t split = stem.find("-to-");
    if (split == std::string::npos) continue;
    const Image expected = test::read_ppm(entry.path());
    const Image source = test::read_ppm(entry.path().parent_path() / (stem.substr(0, split) + ".ppm"));
    const Image resized = resize_lanczos(source, expected.width, expected.height);
    ASSERT_EQ(resized.rgb.size(), expected.rgb.size()) << stem;
    for (std::size_t i = 0; i < expected.rgb.size(); ++i) {
      worst = std::max(worst, std::abs(resized.rgb[i] - expected.rgb[i]));
    }
    EXPECT_EQ(resized.rgb, expected.rgb) << stem;
    ++compared;
  }
  EXPECT_EQ(compared, 30);
  std::cout << "max|diff| " << worst << " of 255 over " << compared << " resizes\n";
}

TEST(Resize, SameSizeChangesNothing) {
  const Image source = test::read_ppm(test::data_folder() / "resize" / "97x61.ppm");
  EXPECT_EQ(resize_lanczos(source, 97, 61).rgb, source.rgb);
}

}  // namespace
}  // namespace ldznet

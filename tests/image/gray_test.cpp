#include "image/gray.h"

#include <gtest/gtest.h>

#include <string>

#include "support/errors.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

TEST(Gray, EightBits) {
  const test::TemporaryFolder folder;
  const Probability gray = read_gray(folder.write("a.pgm", std::string("P5 3 1 255\n\x00\x33\xff", 14)));
  EXPECT_EQ(gray.width, 3);
  EXPECT_EQ(gray.height, 1);
  EXPECT_EQ(gray.values, (std::vector<float>{0, 0.2F, 1}));
}

TEST(Gray, SixteenBits) {
  const test::TemporaryFolder folder;
  const Probability gray = read_gray(folder.write("a.pgm", std::string("P5 1 3 65535\n\x00\x00\x33\x33\xff\xff", 19)));
  EXPECT_EQ(gray.height, 3);
  EXPECT_EQ(gray.values, (std::vector<float>{0, 0.2F, 1}));
}

TEST(Gray, MeanOfTheColours) {
  const test::TemporaryFolder folder;
  const Probability gray = read_gray(folder.write("a.ppm", std::string("P6 1 1 255\n\x00\x33\x66", 14)));
  ASSERT_EQ(gray.values.size(), 1U);
  EXPECT_NEAR(gray.values[0], 0.2F, 1e-6);
}

TEST(Gray, RefusesOtherFiles) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::error_of([&] { read_gray(folder.path() / "none.png"); }).code(), ErrorCode::missing_input);
  EXPECT_EQ(test::error_of([&] { read_gray(folder.write("a.png", "text")); }).code(), ErrorCode::bad_image);
}

}  // namespace
}  // namespace ldznet

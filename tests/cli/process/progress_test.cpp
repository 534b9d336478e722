#include "cli/process/progress.h"

#include <gtest/gtest.h>

namespace ldznet::cli {
namespace {

TEST(Progress, SaysHowFarAndHowLong) {
  EXPECT_EQ(progress_text(0, 10, 0, 80), "0/10 pictures");
  EXPECT_EQ(progress_text(3, 10, 1.5, 80), "3/10 pictures, 2.0 a second, 0:04 left");
  EXPECT_EQ(progress_text(1, 2, 3725, 80), "1/2 pictures, 3725.0 s each, 1:02:05 left");
  EXPECT_LE(progress_text(3, 10, 1.5, 12).size(), 12u);
  EXPECT_EQ(progress_text(0, 1, 10, 80, {1, 4}), "0/1 pictures, 1/4 tiles, 0:30 left");
  EXPECT_EQ(progress_text(1, 4, 6, 80, {2, 4}), "1/4 pictures, 2/4 tiles, 4.0 s each, 0:10 left");
}

}  // namespace
}  // namespace ldznet::cli

#include "base/stage_timer.h"

#include <gtest/gtest.h>

#include <thread>

namespace ldznet {
namespace {

TEST(StageTimer, AddsItsLifetime) {
  double total = 1000;
  for (int i = 0; i < 2; ++i) {
    const StageTimer timer(&total);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  EXPECT_GE(total, 1006);
  EXPECT_LT(total, 1000 + 60000) << "milliseconds";
}

TEST(StageTimer, NeedsNoTotal) { EXPECT_NO_THROW(StageTimer(nullptr)); }

}  // namespace
}  // namespace ldznet

#include "base/background.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

namespace ldznet {
namespace {

TEST(Background, DoesTasksInTheirOrder) {
  std::vector<int> done;
  Background background(2);
  for (int i = 0; i < 100; ++i) background.give([&done, i] { done.push_back(i); });
  background.finish();
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[i], i);
}

TEST(Background, HoldsNoMoreThanItHasRoomFor) {
  std::atomic<int> given = 0, begun = 0, most = 0;
  Background background(3);
  for (int i = 0; i < 50; ++i) {
    background.give([&] {
      most = std::max(most.load(), given.load() - begun.load());
      ++begun;
    });
    ++given;
  }
  background.finish();
  EXPECT_EQ(begun, 50);
  EXPECT_LE(most, 4 + 1);  // those that wait, the one in hand, and one between being given and counted
}

TEST(Background, TellsWhatATaskThrewAndDropsTheRest) {
  std::atomic<int> done = 0;
  Background background(10);
  background.give([] { throw std::runtime_error("disk full"); });
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000000; ++i) background.give([&done] { ++done; });
      },
      std::runtime_error);
  EXPECT_THROW(background.finish(), std::runtime_error);
  EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace ldznet

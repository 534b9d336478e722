#include "base/task_thread.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

namespace ldznet {
namespace {

TEST(TaskThread, DoesTasksInTheirOrder) {
  std::vector<int> done;
  TaskThread background(2);
  for (int i = 0; i < 100; ++i) background.post([&done, i] { done.push_back(i); });
  background.finish();
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[i], i);
}

TEST(TaskThread, HoldsNoMoreThanItHasRoomFor) {
  std::atomic<int> given = 0, begun = 0, most = 0;
  TaskThread background(3);
  for (int i = 0; i < 50; ++i) {
    background.post([&] {
      most = std::max(most.load(), given.load() - begun.load());
      ++begun;
    });
    ++given;
  }
  background.finish();
  EXPECT_EQ(begun, 50);
  EXPECT_LE(most, 4 + 1);  // those that wait, the one in hand, and one between being given and counted
}

TEST(TaskThread, TellsWhatATaskThrewAndDropsTheRest) {
  std::atomic<int> done = 0;
  TaskThread background(10);
  background.post([] { throw std::runtime_error("disk full"); });
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000000; ++i) background.post([&done] { ++done; });
      },
      std::runtime_error);
  EXPECT_THROW(background.finish(), std::runtime_error);
  EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace ldznet

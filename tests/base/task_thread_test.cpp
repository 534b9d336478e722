#include "base/task_thread.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

namespace ldznet {
namespace {

TEST(TaskThread, RunsTasksInOrder) {
  std::vector<int> done;
  TaskThread thread(2);
  for (int i = 0; i < 100; ++i) thread.post([&done, i] { done.push_back(i); });
  thread.finish();
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[i], i);
}

TEST(TaskThread, PostBlocksWhileTheQueueIsFull) {
  std::atomic<int> posted = 0, begun = 0, most = 0;
  TaskThread thread(3);
  for (int i = 0; i < 50; ++i) {
    thread.post([&] {
      most = std::max(most.load(), posted.load() - begun.load());
      ++begun;
    });
    ++posted;
  }
  thread.finish();
  EXPECT_EQ(begun, 50);
  EXPECT_LE(most, 4 + 1);  // three queued, one running, and one posted but not yet counted
}

TEST(TaskThread, RethrowsAndDropsTheRest) {
  std::atomic<int> done = 0;
  TaskThread thread(10);
  thread.post([] { throw std::runtime_error("disk full"); });
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000000; ++i) thread.post([&done] { ++done; });
      },
      std::runtime_error);
  EXPECT_THROW(thread.finish(), std::runtime_error);
  EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace ldznet

#include "base/task_threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace ldznet {
namespace {

TEST(TaskThreads, RunsTasksInOrder) {
  std::vector<int> done;
  TaskThreads thread(2);
  for (int i = 0; i < 100; ++i) thread.post([&done, i] { done.push_back(i); });
  thread.finish();
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[i], i);
}

TEST(TaskThreads, SeveralRunTasksAtTheSameTime) {
  std::latch all_run(3);
  TaskThreads threads(3, 3);
  for (int i = 0; i < 3; ++i) threads.post([&] { all_run.arrive_and_wait(); });
  threads.finish();  // would wait for ever with fewer threads
  EXPECT_TRUE(all_run.try_wait());
}

TEST(TaskThreads, FinishWaitsForEveryThread) {
  std::atomic<int> done = 0;
  TaskThreads threads(2, 2);
  for (const int ms : {50, 1})
    threads.post([&done, ms] {
      std::this_thread::sleep_for(std::chrono::milliseconds(ms));
      ++done;
    });
  threads.finish();
  EXPECT_EQ(done, 2);
}

TEST(TaskThreads, PostBlocksWhileTheQueueIsFull) {
  std::atomic<int> posted = 0, begun = 0, most = 0;
  TaskThreads thread(3);
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

TEST(TaskThreads, RethrowsAndDropsTheRest) {
  std::atomic<int> done = 0;
  TaskThreads thread(10);
  thread.post([] { throw std::runtime_error("disk full"); });
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000000; ++i) thread.post([&done] { ++done; });
      },
      std::runtime_error);
  EXPECT_THROW(thread.finish(), std::runtime_error);
  EXPECT_EQ(done, 0);
}

TEST(TaskThreads, DropsQueuedTasksAtItsEnd) {
  std::latch begun(2), dropped(1);
  std::atomic<int> done = 0;
  {
    TaskThreads threads(10, 2);
    for (int i = 0; i < 2; ++i)
      threads.post([&] {
        begun.count_down();
        dropped.wait();
      });
    begun.wait();
    const auto count_down = [&dropped](void*) { dropped.count_down(); };
    threads.post([&done, task = std::shared_ptr<void>(nullptr, count_down)] { ++done; });
  }
  EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace ldznet

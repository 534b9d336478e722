#include "cli/process/process_tuning.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ldznet::cli {
namespace {

TEST(ProcessTuning, HeapIsResidentBeforeItIsUsed) {
  constexpr std::size_t kBytes = 16 << 20;
  ::mallopt(M_MMAP_MAX, 0);  // as tune_process() does
  ::mallopt(M_TRIM_THRESHOLD, 2 * kBytes);
  std::thread thread = prefault_heap(kBytes);
  if (!thread.joinable()) GTEST_SKIP() << "this system cannot make memory resident ahead";
  thread.join();
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto chunk = reinterpret_cast<std::uintptr_t>(std::malloc(kBytes));  // the same place, not yet written to
  std::vector<unsigned char> resident(kBytes / page);
  const int result = ::mincore(reinterpret_cast<void*>(chunk / page * page), kBytes, resident.data());
  std::free(reinterpret_cast<void*>(chunk));
  ::mallopt(M_MMAP_MAX, 65536);  // glibc's default
  ASSERT_EQ(result, 0);
  EXPECT_GE(std::ranges::count(resident, 1), static_cast<std::ptrdiff_t>(resident.size() * 9 / 10));
}

}  // namespace
}  // namespace ldznet::cli

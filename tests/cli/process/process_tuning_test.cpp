#include "cli/process/process_tuning.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/files/file_io.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

const std::size_t kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

TEST(ProcessTuning, HeapIsResidentBeforeItIsUsed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers have a malloc of their own";
#endif
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

TEST(ProcessTuningDeathTest, AShortenedFileIsAnError) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const test::TemporaryFolder folder;
  const std::string path = folder.path() / "file";
  const auto read_shortened = [&](std::size_t kept) {
    report_shortened_files();
    std::ofstream(path) << std::string(3 * kPage, 'x');
    const Descriptor file(::open(path.c_str(), O_RDWR));
    auto* const bytes =
        static_cast<volatile char*>(::mmap(nullptr, 3 * kPage, PROT_READ, MAP_PRIVATE, file.number(), 0));
    if (::ftruncate(file.number(), static_cast<off_t>(kept)) != 0) return 1;
    return bytes[2 * kPage] == 'x' ? 0 : 2;
  };
  EXPECT_EXIT(std::_Exit(read_shortened(kPage)), testing::ExitedWithCode(78),
              "ldznet: error: a file that is in use, .* became shorter");
  EXPECT_EXIT(std::_Exit(read_shortened(3 * kPage)), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        report_shortened_files();
        ::kill(::getpid(), SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace ldznet::cli

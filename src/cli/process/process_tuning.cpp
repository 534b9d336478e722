#include "cli/process/process_tuning.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/files/file_io.h"
#include "base/huge_pages.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

// Iterations of libgomp's spin loop: some microseconds, about as long as the threads of one layer wait for each other.
constexpr const char* kSpins = "1000";

constexpr int kHeapStep = 64 << 20;  // bytes by which the heap grows
constexpr int kArenas = 2;           // one for each thread that loads networks

// Seconds. Zeroing a huge page takes a quarter of it. When it takes longer, the system has to move other pages to make
// room for huge ones, and pages of 4 KB are there sooner.
[[maybe_unused]] constexpr double kSlow = 1e-3;

[[maybe_unused]] double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void end_without_file(int number, siginfo_t* info, void* /*context*/) {
  if (info->si_code == BUS_ADRERR) {
    constexpr std::string_view kText =
        "ldznet: error: a file that is in use, for example of the bundle, became shorter or cannot be read. Check the "
        "disk, and start again when no program writes to the file.\n";
    write_all(STDERR_FILENO, kText);
    std::_Exit(static_cast<int>(ErrorCode::bad_config));
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

void open_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", O_RDWR);  // gets the lowest free number
}

void check_working_folder() {
  std::error_code error;
  if (std::filesystem::current_path(error).empty())
    throw Error(ErrorCode::missing_input, "the working folder cannot be used: " + error.message(),
                "Change to a folder that exists.");
}

void report_shortened_files() {
  struct sigaction action {};
  action.sa_sigaction = end_without_file;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

void tune_process() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", kSpins, 0);
#ifdef __GLIBC__
  if (std::getenv("MALLOC_MMAP_MAX_") == nullptr) ::mallopt(M_MMAP_MAX, 0);
  if (std::getenv("MALLOC_TRIM_THRESHOLD_") == nullptr) ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  if (std::getenv("MALLOC_TOP_PAD_") == nullptr) ::mallopt(M_TOP_PAD, kHeapStep);
  if (std::getenv("MALLOC_ARENA_MAX") == nullptr) ::mallopt(M_ARENA_MAX, kArenas);
#endif
}

std::thread prefault_heap(std::size_t bytes) {
#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
  void* const chunk = std::malloc(bytes);
  const auto begin = reinterpret_cast<std::uintptr_t>(chunk);
  std::free(chunk);
  if (begin == 0) return {};
  const auto populate = [begin, end = begin + bytes] {
    bool huge = advise_pages(begin, end - begin, MADV_HUGEPAGE);
    // In parts: a longer one would make other threads' mmap wait.
    for (std::uintptr_t at = begin; at < end;) {
      const std::uintptr_t next = std::min<std::uintptr_t>(end, (at / kHugePage + 1) * kHugePage);
      const double before = thread_seconds();
      if (!advise_pages(at, next - at, MADV_POPULATE_WRITE)) return;  // an old kernel
      if (huge && thread_seconds() - before > kSlow) huge = !advise_pages(next, end - next, MADV_NOHUGEPAGE);
      at = next;
    }
  };
  try {
    return std::thread(populate);
  } catch (const std::system_error&) {  // no more threads: the pages come one by one, when they are used
  }
#endif
  return {};
}

}  // namespace ldznet::cli

#include "cli/process/process_tuning.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <system_error>

#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

// Iterations of libgomp's spin loop: some microseconds, about as long as the threads of one layer wait for each other.
constexpr const char* kSpins = "1000";

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

void tune_process() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", kSpins, 0);
#ifdef __GLIBC__
  if (std::getenv("MALLOC_MMAP_MAX_") == nullptr) ::mallopt(M_MMAP_MAX, 0);
  if (std::getenv("MALLOC_TRIM_THRESHOLD_") == nullptr) ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

}  // namespace ldznet::cli

#include "cli/process/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

#include "base/log.h"
#include "ldznet/error.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/// The number at the start of a file; nothing when there is none, as in a limit of "max".
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream stream(file);
  std::uint64_t number = 0;
  if (!(stream >> number)) return std::nullopt;
  return number;
}

/// The number after a word that starts a line.
std::optional<std::uint64_t> number_after(const fs::path& file, const std::string& wanted) {
  std::ifstream stream(file);
  std::string word, rest;
  std::uint64_t number = 0;
  while (stream >> word) {
    if (word == wanted && stream >> number) return number;
    std::getline(stream, rest);
  }
  return std::nullopt;
}

/// The files of a version of cgroups.
struct CgroupFiles {
  const char *folder, *limit, *usage, *cache;
};

constexpr CgroupFiles kVersion1 = {"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                   "total_inactive_file"};
constexpr CgroupFiles kVersion2 = {"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};

/// What a cgroup and those around it leave. `path` is its path below the folder, "/" for the outermost. In a container
/// the path may be one that only the host has; then the files of the container's own cgroup are at the outermost.
std::uint64_t left_in_cgroup(const fs::path& root, const CgroupFiles& files, const std::string& path) {
  std::uint64_t least = kUnlimited;
  for (fs::path at = fs::path(path).relative_path();; at = at.parent_path()) {
    const fs::path folder = root / files.folder / at;
    const auto limit = number_in(folder / files.limit), usage = number_in(folder / files.usage);
    if (limit && usage) {
      const std::uint64_t cache = number_after(folder / "memory.stat", files.cache).value_or(0);
      const std::uint64_t used = *usage - std::min(*usage, cache);  // the system frees cached files when it has to
      least = std::min(least, *limit - std::min(*limit, used));
    }
    if (at.empty()) return least;
  }
}

/// "18.7 GB"
std::string size_text(std::uint64_t bytes) {
  constexpr double kMega = 1e6, kGiga = 1e9;
  const auto size = static_cast<double>(bytes);
  std::array<char, 32> text{};
  if (size < kGiga)
    std::snprintf(text.data(), text.size(), "%.0f MB", size / kMega);
  else
    std::snprintf(text.data(), text.size(), "%.1f GB", size / kGiga);
  return text.data();
}

/// The largest number from 1 to `most` for which it fits; 0 if there is none. A larger number needs more.
template <typename Fits>
int largest(int most, Fits&& fits) {
  int low = 0;
  for (int high = most; low < high;) {
    const int middle = low + (high - low + 1) / 2;
    if (fits(middle))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

std::string hint_for(const MemoryEstimate& needed, int size, int batch_size, std::uint64_t available) {
  const int batch = largest(batch_size, [&](int value) { return needed(size, value) <= available; });
  if (batch > 0) return "Use --batch-size " + std::to_string(batch) + " or less.";
  const int side = largest(kLargestSize, [&](int value) { return needed(value, 1) <= available; });
  if (side == 0) return "Use a smaller picture, or close other programs.";
  return "Use --size " + std::to_string(side) + " or less" + (batch_size > 1 ? " with --batch-size 1." : ".");
}

}  // namespace

std::uint64_t system_memory(const fs::path& root) {
  constexpr std::uint64_t kKilo = 1024;
  const auto machine = number_after(root / "proc/meminfo", "MemAvailable:");
  std::uint64_t least = machine ? *machine * kKilo : kUnlimited;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // number:controllers:path
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") least = std::min(least, left_in_cgroup(root, kVersion2, path));
    if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least, left_in_cgroup(root, kVersion1, path));
  }
  return least;
}

std::uint64_t resident_memory() {
  std::ifstream stream("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  stream >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void return_memory(std::uint64_t usual) {
  constexpr std::uint64_t kAllowed = 256 << 20;  // less is not worth the time to get it again for the next picture
#ifdef __GLIBC__
  if (resident_memory() > 2 * usual + kAllowed) ::malloc_trim(0);
#endif
}

std::uint64_t available_memory() {
  std::uint64_t available = system_memory();
#ifdef __GLIBC__
  if (available != kUnlimited) available += ::mallinfo2().fordblks;
#endif
  return available;
}

void require_memory(const std::string& picture, const MemoryEstimate& needed, int size, int batch_size) {
  require_memory(picture, needed, size, batch_size, available_memory());
}

void require_memory(const std::string& picture, const MemoryEstimate& needed, int size, int batch_size,
                    std::uint64_t available) {
  const std::uint64_t bytes = needed(size, batch_size);
  log::debug(picture + ": " + std::to_string(bytes) + " bytes of memory needed, " + std::to_string(available) +
             " available, " + std::to_string(resident_memory()) + " in use");
  if (bytes <= available) return;
  throw Error(
      ErrorCode::out_of_memory,
      picture + ": needs about " + size_text(bytes) + " of memory, and " + size_text(available) + " are available",
      hint_for(needed, size, batch_size, available));
}

}  // namespace ldznet::cli

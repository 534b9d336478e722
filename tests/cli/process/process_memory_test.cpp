#include "cli/process/process_memory.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "ldznet/error.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

constexpr std::uint64_t kMega = 1 << 20;

/// A system with 1000 MiB available, in the cgroups of these lines.
class System {
 public:
  explicit System(const std::string& cgroups) {
    put("proc/meminfo", "MemTotal:  9000000 kB\nMemFree:  100 kB\nMemAvailable:  1024000 kB\nBuffers:  5 kB\n");
    put("proc/self/cgroup", cgroups);
  }

  void put(const std::string& file, const std::string& text) const { folder_.write(file, text); }

  std::uint64_t memory() const { return system_memory(folder_.path()) / kMega; }

 private:
  test::TemporaryFolder folder_;
};

std::string mega(std::uint64_t size) { return std::to_string(size * kMega) + "\n"; }

TEST(ProcessMemory, OfAMachine) {
  EXPECT_EQ(System("").memory(), 1000u);
  EXPECT_EQ(system_memory("/nowhere"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_GT(system_memory(), kMega);
}

TEST(ProcessMemory, OfACgroupOfVersion2) {
  const System system("0::/a/b\n");
  const std::string b = "sys/fs/cgroup/a/b/", a = "sys/fs/cgroup/a/";
  system.put(b + "memory.max", "max\n");
  system.put(b + "memory.current", mega(100));
  EXPECT_EQ(system.memory(), 1000u);
  system.put(a + "memory.max", mega(700));
  system.put(a + "memory.current", mega(300));
  EXPECT_EQ(system.memory(), 400u) << "the limit of the group around it";
  system.put(a + "memory.stat", "anon 5\ninactive_file " + mega(50) + "active_file 7\n");
  EXPECT_EQ(system.memory(), 450u) << "cached files are freed";
  system.put(b + "memory.max", mega(80));
  EXPECT_EQ(system.memory(), 0u);
}

TEST(ProcessMemory, OfACgroupOfVersion1) {
  const System system("9:name=systemd:/\n4:cpu,memory:/only/on/the/host\n0::/\n");
  system.put("sys/fs/cgroup/memory/memory.limit_in_bytes", mega(500));
  system.put("sys/fs/cgroup/memory/memory.usage_in_bytes", mega(350));
  system.put("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file " + mega(10));
  EXPECT_EQ(system.memory(), 160u);
  system.put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(system.memory(), 1000u);
}

TEST(ProcessMemory, RefusalsNameTheOptionThatHelps) {
  // A byte for every pixel and prompt, and a thousand for the picture itself.
  const auto needed = [](int size, int batch_size) {
    return std::uint64_t{1000} +
           static_cast<std::uint64_t>(size == 0 ? 50 : size) * (size == 0 ? 50 : size) * batch_size;
  };
  const auto hint = [&](int size, int batch_size, std::uint64_t available) {
    const Error error = test::error_of([&] { require_memory("a.png", needed, size, batch_size, available); });
    EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
    EXPECT_EQ(std::string(error.what()).find("a.png: needs about"), 0u) << error.what();
    return error.hint();
  };
  EXPECT_NO_THROW(require_memory("a.png", needed, 0, 4, 11000));
  EXPECT_EQ(hint(0, 4, 10999), "Use --batch-size 3 or less.");
  EXPECT_EQ(hint(100, 8, 10999), "Use --size 99 or less with --batch-size 1.");
  EXPECT_EQ(hint(100, 1, 2600), "Use --size 40 or less.");
  EXPECT_EQ(hint(100, 1, 1000), "Use a smaller picture, or close other programs.");
}

TEST(ProcessMemory, IsReturnedWhenItIsMuchMoreThanUsual) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers have a malloc of their own";
#endif
  const std::uint64_t usual = resident_memory();
  std::vector<std::vector<char>> blocks;
  for (int i = 0; i < 10000; ++i) blocks.emplace_back(64 << 10, 'x');  // too small for malloc to map each on its own
  const std::uint64_t most = resident_memory();
  ASSERT_GT(most, usual + 600 * kMega);
  blocks.erase(blocks.begin(), blocks.end() - 1);  // the last one keeps malloc from returning those before it
  return_memory(most);
  EXPECT_GT(resident_memory(), usual + 500 * kMega);
  return_memory(0);
  EXPECT_LT(resident_memory(), usual + 200 * kMega);
}

}  // namespace
}  // namespace ldznet::cli

#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "ldznet/error.h"

namespace ldznet {
namespace {

class AtomicFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "ldznet-atomic-XXXXXX";
    std::string pattern = folder_.string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::size_t entries() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::filesystem::path folder_;
};

TEST_F(AtomicFiles, WritesAndReplacesWhole) {
  const auto path = folder_ / "deep" / "er" / "file.bin";
  write_file(path, std::string("a\0b", 3));
  EXPECT_EQ(read(path), std::string("a\0b", 3));
  write_file(path, "second");
  EXPECT_EQ(read(path), "second");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, AFailedWriteLeavesTheOldFileAndNothingElse) {
  const auto path = folder_ / "file.bin";
  write_file(path, "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(write_file(path, std::string(1000, 'x')), Error);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, SaysWhichFileCannotBeWritten) {
  write_file(folder_ / "file", "x");
  try {
    write_file(folder_ / "file" / "below", "y");
    FAIL() << "a file cannot be a folder";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cannot_write);
    EXPECT_NE(std::string(error.what()).find((folder_ / "file").string()), std::string::npos);
  }
}

TEST_F(AtomicFiles, PiecesAppearTogetherOrNotAtAll) {
  const auto path = folder_ / "page.html";
  {
    AtomicFile file(path);
    file.write("one ");
    file.write("two");
    EXPECT_FALSE(std::filesystem::exists(path));
    file.commit();
    EXPECT_EQ(read(path), "one two");
  }
  {
    const AtomicFile file(path);
    file.write("never");
  }
  EXPECT_EQ(read(path), "one two");
  EXPECT_EQ(entries(), 1U);
}

}  // namespace
}  // namespace ldznet

#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
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
    AtomicFile file(path);
    file.write("never");
  }
  EXPECT_EQ(read(path), "one two");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, AFailedWriteIsNotForgotten) {
  const auto path = folder_ / "page.html";
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  {
    AtomicFile file(path);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_THROW(file.write(std::string(1000, 'x')), Error);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    file.write("there is room again");
    EXPECT_THROW(file.commit(), Error);
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(AtomicFiles, WhatWaitsComesBehind) {
  const auto path = folder_ / "set.json";
  AtomicFile file(path);
  Spool later(path);
  EXPECT_EQ(entries(), 1U) << "what waits has no name";
  std::string expected = "first";
  for (int k = 0; k < 1000; ++k) {
    const std::string piece(997, static_cast<char>('a' + k % 26));
    later.write(piece);
    expected += piece;
  }
  file.write("first");
  later.copy_to(file);
  file.write("last");
  file.commit();
  EXPECT_EQ(read(path), expected + "last");
}

TEST_F(AtomicFiles, OnlyWhatNobodyWritesIsLeftBehind) {
  for (const char* name : {".ldznet-aB3x9Z", ".ldznet-journal", ".ldznet-aB3x9", ".ldznet-aB3x9-", "ldznet-aB3x9Z"})
    std::ofstream(folder_ / name) << "x";
  std::filesystem::create_directory(folder_ / ".ldznet-folder");
  AtomicFile file(folder_ / "new");
  file.write("new");
  remove_stale_temporaries(folder_);
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".ldznet-aB3x9Z"));
  EXPECT_EQ(entries(), 6U);
  file.commit();
  EXPECT_EQ(read(folder_ / "new"), "new");
  remove_stale_temporaries(folder_ / "nowhere");
}

}  // namespace
}  // namespace ldznet

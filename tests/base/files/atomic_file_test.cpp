#include "base/files/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <string>

#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

class AtomicFiles : public testing::Test {
 protected:
  std::string read(const char* name) const { return folder_.read(name); }
  std::size_t entries() const { return folder_.entries(); }

  const test::TemporaryFolder folder_;
};

TEST_F(AtomicFiles, WritesAndReplacesFiles) {
  const auto path = folder_.path() / "deep" / "er" / "file.bin";
  write_file(path, std::string("a\0b", 3));
  EXPECT_EQ(read("deep/er/file.bin"), std::string("a\0b", 3));
  write_file(path, "second");
  EXPECT_EQ(read("deep/er/file.bin"), "second");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, LinksReplaceFilesAndEachOther) {
  namespace fs = std::filesystem;
  const Folder deep(folder_.path() / "deep");
  write_file(deep.path() / "link", "a file");
  write_link(deep, "link", "../one", true);
  write_link(deep, "link", "../two", true);
  EXPECT_EQ(fs::read_symlink(deep.path() / "link"), "../two");
  fs::create_directory(folder_.path() / "folder");
  EXPECT_THROW(write_link(Folder(folder_.path()), "folder", "x", true), Error);
  EXPECT_EQ(entries(), 2U) << "no temporary file is left";
}

TEST_F(AtomicFiles, FilesOfOtherProgramsStay) {
  const auto path = folder_.path() / "file";
  AtomicFile ours(path);
  write_file(path, "theirs", false);
  ours.write("ours");
  EXPECT_THROW(ours.commit(), Error);
  EXPECT_THROW(write_file(path, "again", false), Error);
  EXPECT_THROW(write_link(Folder(folder_.path()), "file", "again", false), Error);
  EXPECT_EQ(read("file"), "theirs");
  AtomicFile later(path);
  later.write("ours");
  later.commit();
  EXPECT_EQ(read("file"), "ours") << "it was there before";
}

TEST_F(AtomicFiles, AFailedWriteKeepsTheOldFileOnly) {
  const auto path = folder_.path() / "file.bin";
  write_file(path, "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(write_file(path, std::string(1000, 'x')), Error);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(read("file.bin"), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, NamesTheFileThatCannotBeWritten) {
  write_file(folder_.path() / "file", "x");
  try {
    write_file(folder_.path() / "file" / "below", "y");
    FAIL() << "a file cannot be a folder";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cannot_write);
    EXPECT_NE(std::string(error.what()).find((folder_.path() / "file").string()), std::string::npos);
  }
}

TEST_F(AtomicFiles, PiecesAppearOnCommitOnly) {
  const auto path = folder_.path() / "page.html";
  {
    AtomicFile file(path);
    file.write("one ");
    file.write("two");
    EXPECT_FALSE(std::filesystem::exists(path));
    file.commit();
    EXPECT_EQ(read("page.html"), "one two");
  }
  {
    AtomicFile file(path);
    file.write("never");
  }
  EXPECT_EQ(read("page.html"), "one two");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, CommitRethrowsAFailedWrite) {
  const auto path = folder_.path() / "page.html";
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  {
    AtomicFile file(path);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_THROW(file.write(std::string(1000, 'x')), Error);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    file.write("space again");
    EXPECT_THROW(file.commit(), Error);
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(AtomicFiles, SpooledBytesAreAppended) {
  const auto path = folder_.path() / "set.json";
  AtomicFile file(path);
  Spool later(path);
  EXPECT_EQ(entries(), 1U) << "the spool has no name";
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
  EXPECT_EQ(read("set.json"), expected + "last");
}

TEST_F(AtomicFiles, RemovesOnlyStaleTemporaries) {
  namespace fs = std::filesystem;
  const auto make = [&](const std::string& name, fs::perms permissions) {
    fs::permissions(folder_.write(name, "x"), permissions);
  };
  constexpr fs::perms kOwn = fs::perms::owner_read | fs::perms::owner_write;
  for (const char* name :
       {".ldznet-tmp-aB3x9Z", ".ldznet-backup", ".ldznet-tmp-aB3x9", ".ldznet-tmp-aB3x9-", ".ldznet-tmp"})
    make(name, kOwn);
  make(".ldznet-tmp-config", kOwn | fs::perms::group_read);
  make(".ldznet-tmp-linked", kOwn);
  fs::create_hard_link(folder_.path() / ".ldznet-tmp-linked", folder_.path() / "its-other-name");
  fs::create_directory(folder_.path() / ".ldznet-tmp-folder");
  const std::size_t before = entries();
  AtomicFile file(folder_.path() / "new");
  file.write("new");
  remove_stale_temporaries(folder_.path());
  EXPECT_FALSE(fs::exists(folder_.path() / ".ldznet-tmp-aB3x9Z"));
  EXPECT_EQ(entries(), before) << "one is removed, one is new";
  file.commit();
  EXPECT_EQ(read("new"), "new");
  remove_stale_temporaries(folder_.path() / "nowhere");
}

}  // namespace
}  // namespace ldznet

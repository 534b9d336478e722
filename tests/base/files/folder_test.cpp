#include "base/files/folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files/atomic_file.h"
#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

class Folders : public testing::Test {
 protected:
  /// Moves a folder away and puts a link to another one in its place.
  void replace_by_link(const fs::path& path) const {
    fs::rename(path, moved_);
    fs::create_directory_symlink(elsewhere_, path);
  }

  void SetUp() override { fs::create_directory(elsewhere_); }
  void TearDown() override { EXPECT_TRUE(fs::is_empty(elsewhere_)); }

  const test::TemporaryFolder folder_;
  const fs::path out_ = folder_.path() / "out", moved_ = folder_.path() / "moved",
                 elsewhere_ = folder_.path() / "elsewhere";
};

TEST_F(Folders, FilesStayInAFolderThatIsReplacedByALink) {
  const Folder out(out_);
  replace_by_link(out_);
  write_file(out.below("a/b"), "file", "x", true);
  write_link(out.below("."), "link", "target", true);
  EXPECT_EQ(folder_.read("moved/a/b/file"), "x");
  EXPECT_EQ(fs::read_symlink(moved_ / "link"), "target");
  EXPECT_TRUE(out.below("a/b").remove("file"));
  EXPECT_TRUE(fs::is_empty(moved_ / "a" / "b"));
  EXPECT_FALSE(out.below("a/b").remove("file"));
}

TEST_F(Folders, AFileBegunBeforeTheChangeStays) {
  AtomicFile file(out_ / "file");
  file.write("x");
  replace_by_link(out_);
  file.commit();
  EXPECT_EQ(folder_.read("moved/file"), "x");
}

TEST_F(Folders, LinksThatLeadOutAreRefused) {
  const Folder out(out_);
  fs::create_directory_symlink("../elsewhere", out_ / "link");
  fs::create_directory_symlink("nowhere", out_ / "dangling");
  for (const char* below : {"link", "link/new", "..", "dangling"}) EXPECT_THROW(out.below(below), Error) << below;
}

TEST_F(Folders, LinksInsideAreFollowed) {
  const Folder out(out_);
  fs::create_directories(out_ / "a" / "b");
  fs::create_directory_symlink("a", out_ / "relative");
  fs::create_directory_symlink(out_ / "a", out_ / "absolute");
  for (const char* below : {"relative/b", "absolute/b"}) write_file(out.below(below), "file", below, true);
  EXPECT_EQ(folder_.read("out/a/b/file"), "absolute/b");
}

TEST_F(Folders, MustStayInTheirPlace) {
  const Folder out(out_);
  EXPECT_NO_THROW(out.check_in_place());
  fs::rename(out_, moved_);
  EXPECT_THROW(out.check_in_place(), Error);
  fs::create_directory(out_);
  EXPECT_THROW(out.check_in_place(), Error) << "another folder of the same name";
  fs::remove(out_);
  fs::create_directory_symlink(moved_, out_);
  EXPECT_NO_THROW(out.check_in_place()) << "a link to the folder leads to the folder";
  fs::remove(out_);
  fs::create_directory_symlink(elsewhere_, out_);
  EXPECT_THROW(out.check_in_place(), Error);
}

TEST_F(Folders, NothingIsMadeWhereAFolderIsLookedFor) {
  EXPECT_FALSE(Folder::existing(out_));
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_TRUE(Folder::existing(elsewhere_));
}

}  // namespace
}  // namespace ldznet

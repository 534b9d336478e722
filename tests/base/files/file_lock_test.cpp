#include "base/files/file_lock.h"

#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

using Kind = FileLock::Kind;

TEST(FileLock, ExcludesOtherLocks) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "new" / "lock";
  {
    const FileLock first(file, Kind::exclusive);
    EXPECT_TRUE(first.held());
    EXPECT_FALSE(FileLock(file, Kind::exclusive).held());
    EXPECT_FALSE(FileLock(file, Kind::shared).held());
  }
  EXPECT_TRUE(FileLock(file, Kind::exclusive).held()) << "released on destruction";
}

TEST(FileLock, SharedLocksExcludeExclusiveOnes) {
  const test::TemporaryFolder folder;
  const FileLock first(folder.path() / "lock", Kind::shared);
  EXPECT_TRUE(first.held());
  EXPECT_TRUE(FileLock(folder.path() / "lock", Kind::shared).held());
  EXPECT_FALSE(FileLock(folder.path() / "lock", Kind::exclusive).held());
}

TEST(FileLock, KeepsTheContent) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("lock", "content");
  EXPECT_TRUE(FileLock(file, Kind::exclusive).held());
  EXPECT_EQ(folder.read("lock"), "content");
}

TEST(FileLock, ReportsAFileItCannotCreate) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "") / "lock";
  const Error error = test::error_of([&] { FileLock(file, Kind::exclusive); });
  EXPECT_EQ(error.code(), ErrorCode::cannot_write);
  EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
}

}  // namespace
}  // namespace ldznet

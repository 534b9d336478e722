#include "bundle/known_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "support/temporary_folder.h"
#include "support/tests_folder.h"

namespace ldznet {
namespace {

const std::string kHash(64, 'a');

FileIdentity identity_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return FileIdentity(status);
}

/// A variable of the environment that gets its value back.
class Variable {
 public:
  explicit Variable(const char* name) : name_(name) {
    if (const char* const value = std::getenv(name)) value_ = value;
  }
  ~Variable() { set(value_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

  void set(const std::optional<std::string>& value) const {
    if (value)
      ::setenv(name_, value->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> value_;
};

/// A folder of known files, and a file.
class KnownFilesTest : public testing::Test {
 protected:
  const test::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path() / "cache" / "known";
  const std::filesystem::path file_ = test::tests_folder() / "CMakeLists.txt";
  const KnownFiles known_{folder_};

  void add(const std::filesystem::path& path) const { known_.add(identity_of(path), kHash); }
  bool contains(const std::filesystem::path& path) const { return known_.contains(identity_of(path), kHash); }

  std::filesystem::path entry() const {
    return std::filesystem::exists(folder_) ? std::filesystem::directory_iterator(folder_)->path() : "";
  }
};

TEST_F(KnownFilesTest, RemembersAFileAndItsHash) {
  EXPECT_FALSE(contains(file_));
  add(file_);
  EXPECT_TRUE(contains(file_));
  EXPECT_FALSE(known_.contains(identity_of(file_), std::string(64, 'b')));
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(KnownFilesTest, EveryPartOfTheIdentityCounts) {
  add(file_);
  const FileIdentity same = identity_of(file_);
  for (const auto member : {&FileIdentity::device, &FileIdentity::number, &FileIdentity::size}) {
    FileIdentity other = same;
    ++(other.*member);
    EXPECT_FALSE(known_.contains(other, kHash));
  }
  for (const auto member : {&FileIdentity::modified, &FileIdentity::changed})
    for (const auto part : {&FileTime::seconds, &FileTime::nanoseconds}) {
      FileIdentity other = same;
      ++(other.*member.*part);
      EXPECT_FALSE(known_.contains(other, kHash));
    }
  EXPECT_TRUE(known_.contains(same, kHash));
}

TEST_F(KnownFilesTest, RemovedFilesAreUnknown) {
  add(file_);
  known_.remove(identity_of(file_));
  EXPECT_FALSE(contains(file_));
  EXPECT_NO_THROW(known_.remove(identity_of(file_)));
}

TEST_F(KnownFilesTest, TheUmaskDoesNotMatter) {
  const mode_t before = ::umask(0002);  // the default where every user has a group
  add(file_);
  ::umask(before);
  EXPECT_TRUE(contains(file_));
}

TEST_F(KnownFilesTest, AFolderThatOthersCouldWriteIsClosed) {
  std::filesystem::create_directories(folder_);
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
  add(file_);
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
  EXPECT_TRUE(contains(file_));
}

TEST(FileIdentity, SettlesWhenTheClockIsPastTheChange) {
  const auto at = [](std::int64_t seconds, std::int64_t nanoseconds) {
    struct stat status {};
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    status.st_ctim = {now.tv_sec + seconds, nanoseconds};
    return FileIdentity(status);
  };
  EXPECT_FALSE(at(60, 1).is_settled()) << "a wrong clock";
  EXPECT_FALSE(at(1, 0).is_settled()) << "the next second, in a file system without nanoseconds";
  EXPECT_TRUE(at(-2, 0).is_settled());
  EXPECT_TRUE(at(-2, 1).is_settled());
  EXPECT_FALSE(at(-1, 1).is_old());
  EXPECT_TRUE(at(-4, 1).is_old());
  EXPECT_FALSE(at(60, 1).is_old());
}

TEST(FileIdentity, HoldsAnyTime) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "file";
  std::ofstream(path) << "x";
  const std::array<timespec, 2> times = {timespec{13'569'465'600, 0}, timespec{13'569'465'600, 0}};  // in 2400
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(FileIdentity(status).modified.seconds, status.st_mtim.tv_sec);
}

TEST_F(KnownFilesTest, AChangeGivesAnotherIdentityWhateverTheTimesSay) {
  const auto path = temporary_.path() / "file";
  std::ofstream(path) << "one";
  while (!identity_of(path).is_settled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const FileIdentity before = identity_of(path);
  const auto time = std::filesystem::last_write_time(path);
  std::ofstream(path) << "two";
  std::filesystem::last_write_time(path, time);
  const FileIdentity after = identity_of(path);
  EXPECT_EQ(before.modified, after.modified);
  EXPECT_FALSE(before == after);
}

TEST_F(KnownFilesTest, BelievesOnlyWhatItsUserAloneCanWrite) {
  using std::filesystem::perms;
  add(file_);
  ASSERT_TRUE(contains(file_));
  std::filesystem::permissions(entry(), perms::group_write, std::filesystem::perm_options::add);
  EXPECT_FALSE(contains(file_)) << "an entry that others can write";
  std::filesystem::permissions(entry(), perms::group_write, std::filesystem::perm_options::remove);
  std::filesystem::permissions(folder_, perms::others_write, std::filesystem::perm_options::add);
  EXPECT_FALSE(contains(file_)) << "a folder that others can write";
  std::filesystem::permissions(folder_, perms::others_write, std::filesystem::perm_options::remove);
  EXPECT_TRUE(contains(file_));
  if (::chown(entry().c_str(), 1, 1) == 0) {  // only as root, and not in every container
    EXPECT_FALSE(contains(file_)) << "another user's entry";
    ASSERT_EQ(::chown(entry().c_str(), 0, 0), 0);
  }
  const auto elsewhere = temporary_.path() / "elsewhere";
  const auto name = entry();
  std::filesystem::rename(name, elsewhere);
  std::filesystem::create_symlink(elsewhere, name);
  EXPECT_FALSE(contains(file_)) << "a link";
  std::filesystem::remove(name);
  ASSERT_EQ(::mkfifo(name.c_str(), 0600), 0);
  EXPECT_FALSE(contains(file_)) << "a FIFO";
}

TEST_F(KnownFilesTest, DamagedEntriesAreIgnored) {
  add(file_);
  const auto name = entry();
  for (const std::string& text : {std::string(), std::string("x"), std::string(1000, '1')}) {
    std::ofstream(name) << text;
    EXPECT_FALSE(contains(file_)) << text;
  }
  add(file_);
  EXPECT_TRUE(contains(file_)) << "replaced";
}

TEST_F(KnownFilesTest, RemembersNothingWhereItCannotWrite) {
  std::ofstream(temporary_.path() / "cache") << "a file in the folder's place";
  EXPECT_NO_THROW(add(file_));
  EXPECT_FALSE(contains(file_));
  const KnownFiles none;
  EXPECT_FALSE(none.contains(identity_of(file_), kHash));
}

TEST_F(KnownFilesTest, TheFolderIsTheUsers) {
  const std::string home = temporary_.path(), cache = temporary_.path() / "cache";
  std::filesystem::create_directory(cache);
  const Variable home_variable("HOME"), cache_variable("XDG_CACHE_HOME");
  home_variable.set(home);
  cache_variable.set(std::nullopt);
  EXPECT_EQ(KnownFiles::of_user().folder(), temporary_.path() / ".cache" / "ldznet" / "verified");
  cache_variable.set("relative");  // to be ignored, says the XDG specification
  EXPECT_EQ(KnownFiles::of_user().folder(), temporary_.path() / ".cache" / "ldznet" / "verified");
  cache_variable.set(cache);
  EXPECT_EQ(KnownFiles::of_user().folder(), temporary_.path() / "cache" / "ldznet" / "verified");
  if (::chown(cache.c_str(), 1, 1) == 0) {
    EXPECT_EQ(KnownFiles::of_user().folder(), "") << "another user's, as with sudo -E";
  }
  cache_variable.set(std::nullopt);
  home_variable.set(std::nullopt);
  EXPECT_EQ(KnownFiles::of_user().folder(), "");
}

}  // namespace
}  // namespace ldznet

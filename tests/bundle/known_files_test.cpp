#include "bundle/known_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "base/files/file_io.h"
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

/// A folder of known files, and a file that is old enough to be remembered.
class KnownFilesTest : public testing::Test {
 protected:
  const test::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path() / "cache" / "known";
  const std::filesystem::path file_ = test::tests_folder() / "CMakeLists.txt";
  const KnownFiles known_{folder_};

  void SetUp() override {
    const Descriptor descriptor(::open(file_.c_str(), O_RDONLY));
    if (!KnownFiles::is_local(descriptor.number())) GTEST_SKIP() << "the sources are on a network or in memory";
  }

  void add(const std::filesystem::path& path) const {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY));
    ASSERT_GE(descriptor.number(), 0);
    known_.add(descriptor.number(), identity_of(path), kHash);
  }
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
  for (const auto member : {&FileIdentity::device, &FileIdentity::number, &FileIdentity::size}) {
    FileIdentity other = identity_of(file_);
    ++(other.*member);
    EXPECT_FALSE(known_.contains(other, kHash));
  }
  for (const auto member : {&FileIdentity::modified, &FileIdentity::changed}) {
    FileIdentity other = identity_of(file_);
    ++(other.*member);
    EXPECT_FALSE(known_.contains(other, kHash));
  }
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

TEST_F(KnownFilesTest, FreshFilesAreNotRemembered) {
  const auto path = temporary_.path() / "file";
  std::ofstream(path) << "one";
  add(path);
  EXPECT_FALSE(contains(path));
  EXPECT_FALSE(std::filesystem::exists(folder_));
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
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(entry().c_str(), 1, 1), 0);
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
  const KnownFiles none{{}};
  EXPECT_FALSE(none.contains(identity_of(file_), kHash));
}

TEST_F(KnownFilesTest, TheFolderIsTheUsers) {
  const std::string home = temporary_.path(), cache = temporary_.path() / "cache";
  std::filesystem::create_directory(cache);
  const Variable home_variable("HOME"), cache_variable("XDG_CACHE_HOME");
  home_variable.set(home);
  cache_variable.set(std::nullopt);
  EXPECT_EQ(KnownFiles::folder_of_user(), temporary_.path() / ".cache" / "ldznet" / "verified");
  cache_variable.set("relative");  // to be ignored, says the XDG specification
  EXPECT_EQ(KnownFiles::folder_of_user(), temporary_.path() / ".cache" / "ldznet" / "verified");
  cache_variable.set(cache);
  EXPECT_EQ(KnownFiles::folder_of_user(), temporary_.path() / "cache" / "ldznet" / "verified");
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(cache.c_str(), 1, 1), 0);
    EXPECT_EQ(KnownFiles::folder_of_user(), "") << "another user's, as with sudo -E";
  }
  cache_variable.set(std::nullopt);
  home_variable.set(std::nullopt);
  EXPECT_EQ(KnownFiles::folder_of_user(), "");
}

}  // namespace
}  // namespace ldznet

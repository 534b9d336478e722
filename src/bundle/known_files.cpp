#include "bundle/known_files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <system_error>

#include "base/files/atomic_file.h"

namespace ldznet {

namespace {

constexpr std::int64_t kOld = 2;  // seconds

FileTime file_time(const timespec& time) { return {time.tv_sec, time.tv_nsec}; }

/// The clock that stamps files.
FileTime now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return file_time(time);
}

/// Whether nobody but this user and root can have written it.
bool is_own(const struct stat& status) {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool is_own_folder(const std::filesystem::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && is_own(status);
}

std::string text(const FileTime& time) { return std::to_string(time.seconds) + "." + std::to_string(time.nanoseconds); }

/// An entry's content. It starts with the number of its format, which also stands for what loading a file checks.
std::string line_of(const FileIdentity& file, const std::string& sha256) {
  return "1 " + std::to_string(file.size) + " " + text(file.modified) + " " + text(file.changed) + " " + sha256 + "\n";
}

}  // namespace

FileIdentity::FileIdentity(const struct stat& status)
    : device(status.st_dev),
      number(status.st_ino),
      size(static_cast<std::uint64_t>(status.st_size)),
      modified(file_time(status.st_mtim)),
      changed(file_time(status.st_ctim)) {}

bool FileIdentity::is_settled() const {
  // Times without nanoseconds are, but for a rare accident, those of a file system that has none.
  return changed.nanoseconds == 0 ? now().seconds > changed.seconds : now().is_after(changed);
}

bool FileIdentity::is_old() const { return now().seconds > changed.seconds + kOld; }

bool has_reliable_times(int descriptor) {
  constexpr std::array<std::int64_t, 6> kReliable = {EXT4_SUPER_MAGIC,      XFS_SUPER_MAGIC,  BTRFS_SUPER_MAGIC,
                                                     OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, 0x2FC12FC1 /* ZFS */};
  struct statfs system {};
  return ::fstatfs(descriptor, &system) == 0 &&
         std::ranges::find(kReliable, static_cast<std::int64_t>(system.f_type)) != kReliable.end();
}

KnownFiles KnownFiles::of_user() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  std::filesystem::path parent;
  if (cache != nullptr && std::filesystem::path(cache).is_absolute())
    parent = cache;
  else if (home != nullptr && std::filesystem::path(home).is_absolute())
    parent = std::filesystem::path(home) / ".cache";
  else
    return KnownFiles();
  struct stat status {};
  std::filesystem::path existing = parent;
  while (::stat(existing.c_str(), &status) != 0 && existing.has_relative_path()) existing = existing.parent_path();
  if (status.st_uid != ::geteuid()) return KnownFiles();  // as with sudo -E: the folder would become root's
  return KnownFiles(parent / "ldznet" / "verified");
}

std::filesystem::path KnownFiles::entry_of(const FileIdentity& file) const {
  return folder_ / (std::to_string(file.device) + "-" + std::to_string(file.number));
}

bool KnownFiles::contains(const FileIdentity& file, const std::string& sha256) const {
  if (folder_.empty() || !is_own_folder(folder_)) return false;
  const Descriptor entry(::open(entry_of(file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (entry.number() < 0 || ::fstat(entry.number(), &status) != 0 || !S_ISREG(status.st_mode) || !is_own(status))
    return false;
  std::array<char, 256> line{};
  const ssize_t count = ::read(entry.number(), line.data(), line.size());
  return count > 0 && line_of(file, sha256) == std::string_view(line.data(), static_cast<std::size_t>(count));
}

void KnownFiles::add(const FileIdentity& file, const std::string& sha256) const {
  using std::filesystem::perms;
  if (folder_.empty()) return;
  try {
    // Whatever the umask says: what others could write is not believed.
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, perms::owner_all);
    write_file(entry_of(file), line_of(file, sha256));
    std::filesystem::permissions(entry_of(file), perms::owner_read | perms::owner_write);
  } catch (const std::exception&) {  // a full or read-only disk: the file is hashed again next time
  }
}

void KnownFiles::remove(const FileIdentity& file) const {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove(entry_of(file), ignored);
}

}  // namespace ldznet

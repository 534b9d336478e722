#include "bundle/known_files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include "base/files/atomic_file.h"

namespace ldznet {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;  // nanoseconds
constexpr std::int64_t kOldEnough = 2 * kSecond;

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }

/// The system's clock as it stamps files.
std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return nanoseconds(time);
}

/// Whether nobody but this user, or root, can have written it.
bool is_own(const struct stat& status) {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool is_own_folder(const std::filesystem::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && is_own(status);
}

std::filesystem::path entry_of(const std::filesystem::path& folder, const FileIdentity& file) {
  return folder / (std::to_string(file.device) + "-" + std::to_string(file.number));
}

std::string line_of(const FileIdentity& file, const std::string& sha256) {
  return std::to_string(file.size) + " " + std::to_string(file.modified) + " " + std::to_string(file.changed) + " " +
         sha256 + "\n";
}

}  // namespace

FileIdentity::FileIdentity(const struct stat& status)
    : device(status.st_dev),
      number(status.st_ino),
      size(static_cast<std::uint64_t>(status.st_size)),
      modified(nanoseconds(status.st_mtim)),
      changed(nanoseconds(status.st_ctim)) {}

bool FileIdentity::is_settled() const {
  const std::int64_t age = now() - changed;
  return age > 0 || age < -kSecond;
}

std::filesystem::path KnownFiles::folder_of_user() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  std::filesystem::path parent;
  if (cache != nullptr && std::filesystem::path(cache).is_absolute())
    parent = cache;
  else if (home != nullptr && std::filesystem::path(home).is_absolute())
    parent = std::filesystem::path(home) / ".cache";
  else
    return {};
  struct stat status {};
  std::filesystem::path existing = parent;
  while (::stat(existing.c_str(), &status) != 0 && existing.has_relative_path()) existing = existing.parent_path();
  if (status.st_uid != ::geteuid()) return {};
  return parent / "ldznet" / "verified";
}

bool KnownFiles::is_local(int descriptor) {
  constexpr std::array<std::int64_t, 6> kLocal = {EXT4_SUPER_MAGIC,      XFS_SUPER_MAGIC,  BTRFS_SUPER_MAGIC,
                                                  OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, 0x2FC12FC1 /* ZFS */};
  struct statfs system {};
  return ::fstatfs(descriptor, &system) == 0 &&
         std::ranges::find(kLocal, static_cast<std::int64_t>(system.f_type)) != kLocal.end();
}

bool KnownFiles::contains(const FileIdentity& file, const std::string& sha256) const {
  if (folder_.empty() || !is_own_folder(folder_)) return false;
  const Descriptor entry(::open(entry_of(folder_, file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (entry.number() < 0 || ::fstat(entry.number(), &status) != 0 || !S_ISREG(status.st_mode) || !is_own(status))
    return false;
  std::array<char, 256> text{};
  const ssize_t count = ::read(entry.number(), text.data(), text.size());
  return count > 0 && line_of(file, sha256) == std::string_view(text.data(), static_cast<std::size_t>(count));
}

void KnownFiles::add(int descriptor, const FileIdentity& file, const std::string& sha256) const {
  if (folder_.empty() || now() - file.changed < kOldEnough || !is_local(descriptor)) return;
  try {
    if (std::filesystem::create_directories(folder_))
      std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    if (is_own_folder(folder_)) write_file(entry_of(folder_, file), line_of(file, sha256));
  } catch (const std::exception&) {  // a full or read-only disk: the file is hashed again next time
  }
}

}  // namespace ldznet

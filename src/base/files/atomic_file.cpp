#include "base/files/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>
#include <utility>

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kStart = ".ldznet-tmp-";  // of a temporary file's name
constexpr std::size_t kRandomCharacters = 6;         // that follow

[[noreturn]] void fail(const fs::path& path, int error) { throw write_error(path, error); }

/// ".ldznet-tmp-aB3x9Z"
std::string temporary_name() {
  constexpr std::string_view kCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> place(0, kCharacters.size() - 1);
  std::string name(kStart);
  for (std::size_t i = 0; i < kRandomCharacters; ++i) name += kCharacters[place(random)];
  return name;
}

/// Creates a temporary file in the folder and sets `name`. It stays locked while it is open, so that
/// remove_stale_temporaries() keeps it. On file systems without locks that function cannot lock it either and keeps it.
Descriptor open_temporary(const Folder& folder, std::string& name, const fs::path& target) {
  while (true) {
    name = temporary_name();
    Descriptor file(
        ::openat(folder.descriptor(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.number() < 0 && errno == EEXIST) continue;
    if (file.number() < 0) fail(target, errno);
    while (::flock(file.number(), LOCK_EX) != 0 && errno == EINTR) continue;
    if (::faccessat(folder.descriptor(), name.c_str(), F_OK, 0) == 0) return file;
    // Another program removed it as stale before it was locked: try again.
  }
}

bool is_there(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

/// Like rename(), but fails with EEXIST when there is a file. Returns 0 or the error number.
int rename_new(int folder, const char* from, const char* to) {
  if (::renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;  // these: the file system cannot do it
  if (::linkat(folder, from, folder, to, 0) == 0) return ::unlinkat(folder, from, 0) == 0 ? 0 : errno;
  if (errno == EEXIST) return EEXIST;
  if (::faccessat(folder, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;  // nor has it hard links
  return ::renameat(folder, from, folder, to) == 0 ? 0 : errno;
}

/// Returns 0 or the error number.
int rename_into_place(const Folder& folder, const std::string& from, const std::string& to, bool replace) {
  const int place = folder.descriptor();
  if (!replace) return rename_new(place, from.c_str(), to.c_str());
  return ::renameat(place, from.c_str(), place, to.c_str()) == 0 ? 0 : errno;
}

/// Whether an open file is as open_temporary() makes it and commit() has not changed it.
bool is_like_temporary(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         status.st_nlink == 1 && (status.st_mode & 07777) == (S_IRUSR | S_IWUSR);
}

bool has_temporary_name(const std::string& name) {
  return name.size() == kStart.size() + kRandomCharacters && name.starts_with(kStart) &&
         std::all_of(name.begin() + kStart.size(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : AtomicFile(path, is_there(path)) {}

AtomicFile::AtomicFile(const fs::path& path, bool replace)
    : AtomicFile(Folder(path.parent_path()), path.filename().string(), replace) {}

AtomicFile::AtomicFile(Folder folder, std::string name, bool replace)
    : folder_(std::move(folder)),
      name_(std::move(name)),
      replace_(replace),
      descriptor_(open_temporary(folder_, temporary_, path())) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) folder_.remove(temporary_);
}

void AtomicFile::write(std::string_view bytes) {
  if (const int error = write_all(descriptor_.number(), bytes)) {
    failure_ = write_error(path(), error);
    throw *failure_;
  }
}

void AtomicFile::commit() {
  static const mode_t mask = [] {  // read once, because reading the umask changes it for a moment
    const mode_t now = ::umask(0);
    ::umask(now);
    return now;
  }();
  if (failure_) throw *failure_;
  const int file = descriptor_.number();
  if (::fchmod(file, 0666 & ~mask) != 0 || ::fsync(file) != 0) fail(path(), errno);
  if (const int error = rename_into_place(folder_, temporary_, name_, replace_)) fail(path(), error);
  temporary_.clear();
  descriptor_.close();  // only now, because closing releases the lock; after fsync it can report no new error
}

void write_file(const fs::path& path, std::string_view bytes, bool replace) {
  write_file(Folder(path.parent_path()), path.filename().string(), bytes, replace);
}

void write_file(Folder folder, std::string name, std::string_view bytes, bool replace) {
  AtomicFile file(std::move(folder), std::move(name), replace);
  file.write(bytes);
  file.commit();
}

void write_link(const Folder& folder, const std::string& name, const fs::path& target, bool replace) {
  std::string temporary;
  int error = EEXIST;
  while (error == EEXIST) {
    temporary = temporary_name();
    error = ::symlinkat(target.c_str(), folder.descriptor(), temporary.c_str()) == 0 ? 0 : errno;
  }
  if (error == 0) error = rename_into_place(folder, temporary, name, replace);
  if (error == 0) return;
  folder.remove(temporary);
  fail(folder.path() / name, error);
}

Spool::Spool(const fs::path& target) : target_(target) {
  const Folder folder(target.parent_path());
  std::string name;
  descriptor_ = open_temporary(folder, name, target);
  folder.remove(name);
}

void Spool::write(std::string_view bytes) {
  if (const int error = write_all(descriptor_.number(), bytes)) {
    failure_ = write_error(target_, error);
    throw *failure_;
  }
}

void Spool::copy_to(AtomicFile& file) const {
  if (failure_) throw *failure_;
  std::array<char, 1 << 16> piece{};
  for (off_t at = 0;;) {
    const ssize_t count = ::pread(descriptor_.number(), piece.data(), piece.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(target_, errno);
    if (count == 0) return;
    file.write({piece.data(), static_cast<std::size_t>(count)});
    at += count;
  }
}

void remove_stale_temporaries(const fs::path& path) {
  const std::optional<Folder> folder = Folder::existing(path);
  if (!folder) return;
  std::error_code error;
  for (fs::directory_iterator entries(folder->path(), error), end; !error && entries != end; entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (!has_temporary_name(name)) continue;
    const Descriptor file(::openat(folder->descriptor(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.number() < 0) continue;
    if (is_like_temporary(file.number()) && ::flock(file.number(), LOCK_EX | LOCK_NB) == 0) folder->remove(name);
  }
}

}  // namespace ldznet

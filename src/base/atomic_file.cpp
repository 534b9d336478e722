#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kStart = ".ldznet-tmp-", kRandom = "XXXXXX";  // parts of a temporary file's name

Error failure(const fs::path& path, int error) {
  std::string hint = "Choose another output path.";
  if (error == ENOSPC || error == EDQUOT) hint = "Free some disk space or choose another output path.";
  if (error == EEXIST) hint = "Another program made it in the meantime. Choose another output, or use --overwrite.";
  if (error == EACCES || error == EPERM || error == EROFS) hint = "Check the folder's permissions or choose another.";
  return {ErrorCode::cannot_write, "cannot write " + path.string() + ": " + std::strerror(error), hint};
}

[[noreturn]] void fail(const fs::path& path, int error) { throw failure(path, error); }

/// The path with an explicit parent folder, which is created if missing.
fs::path with_parent_folder(const fs::path& path) {
  if (!path.has_parent_path()) return fs::path(".") / path;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) fail(path.parent_path(), error.value());
  return path;
}

/// Creates a temporary file in the folder of `target` and sets `name`. It stays locked while it is open, so that
/// remove_stale_temporaries() keeps it. On file systems without locks that function cannot lock it either and keeps it.
int open_temporary(const fs::path& target, std::string& name) {
  while (true) {
    name = (target.parent_path() / kStart).string().append(kRandom);
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) fail(target, errno);
    while (::flock(descriptor, LOCK_EX) != 0 && errno == EINTR) continue;
    if (::access(name.c_str(), F_OK) == 0) return descriptor;
    ::close(descriptor);  // another program removed it as stale before it was locked: try again
  }
}

/// Returns 0 or the error number.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

bool is_there(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

/// Like rename(), but fails with EEXIST when there is a file. Returns 0, or -1 with errno.
int rename_new(const char* from, const char* to) {
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;  // these: the file system cannot do it
  if (::linkat(AT_FDCWD, from, AT_FDCWD, to, 0) == 0) return ::unlink(from);
  if (errno == EEXIST) return -1;
  if (!is_there(to)) return ::rename(from, to);  // nor has it hard links
  errno = EEXIST;
  return -1;
}

int rename_into_place(const std::string& from, const fs::path& to, bool replace) {
  return replace ? ::rename(from.c_str(), to.c_str()) : rename_new(from.c_str(), to.c_str());
}

/// Whether an open file is as open_temporary() makes it and commit() has not changed it.
bool is_like_temporary(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         status.st_nlink == 1 && (status.st_mode & 07777) == (S_IRUSR | S_IWUSR);
}

bool has_temporary_name(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.size() == kStart.size() + kRandom.size() && name.starts_with(kStart) &&
         std::all_of(name.begin() + kStart.size(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : AtomicFile(path, is_there(path)) {}

AtomicFile::AtomicFile(const fs::path& path, bool replace)
    : target_(with_parent_folder(path)), replace_(replace), descriptor_(open_temporary(target_, name_)) {}

AtomicFile::~AtomicFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AtomicFile::write(std::string_view bytes) {
  if (const int error = write_all(descriptor_, bytes)) {
    failure_ = failure(target_, error);
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
  if (::fchmod(descriptor_, 0666 & ~mask) != 0 || ::fsync(descriptor_) != 0) fail(target_, errno);
  if (rename_into_place(name_, target_, replace_) != 0) fail(target_, errno);
  name_.clear();
  ::close(descriptor_);  // only now, because closing releases the lock; after fsync it can report no new error
  descriptor_ = -1;
}

void write_file(const fs::path& path, std::string_view bytes, bool replace) {
  AtomicFile file(path, replace);
  file.write(bytes);
  file.commit();
}

void write_link(const fs::path& path, const fs::path& target, bool replace) {
  const fs::path link = with_parent_folder(path);
  std::string name;
  ::close(open_temporary(link, name));  // for its name
  const bool made = ::unlink(name.c_str()) == 0 && ::symlink(target.c_str(), name.c_str()) == 0;
  if (made && rename_into_place(name, link, replace) == 0) return;
  const int error = errno;
  ::unlink(name.c_str());
  fail(link, error);
}

Spool::Spool(const fs::path& target) : target_(with_parent_folder(target)) {
  std::string name;
  descriptor_ = open_temporary(target_, name);
  ::unlink(name.c_str());
}

Spool::~Spool() { ::close(descriptor_); }

void Spool::write(std::string_view bytes) {
  if (const int error = write_all(descriptor_, bytes)) {
    failure_ = failure(target_, error);
    throw *failure_;
  }
}

void Spool::copy_to(AtomicFile& file) const {
  if (failure_) throw *failure_;
  std::array<char, 1 << 16> piece{};
  for (off_t at = 0;;) {
    const ssize_t count = ::pread(descriptor_, piece.data(), piece.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(target_, errno);
    if (count == 0) return;
    file.write({piece.data(), static_cast<std::size_t>(count)});
    at += count;
  }
}

void remove_stale_temporaries(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entries(folder, error), end; !error && entries != end; entries.increment(error)) {
    if (!has_temporary_name(entries->path())) continue;
    const int descriptor = ::open(entries->path().c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (is_like_temporary(descriptor) && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(entries->path().c_str());
    ::close(descriptor);
  }
}

}  // namespace ldznet

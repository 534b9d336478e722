#include "base/files/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace ldznet {

namespace {

/// Opens or creates a file. Never follows a link and never waits for a FIFO.
Descriptor open_regular(const std::filesystem::path& file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
  const int error = opened.number() < 0 ? errno : 0;
  struct stat status {};
  if (error == ELOOP || error == ENXIO ||
      (error == 0 && !(::fstat(opened.number(), &status) == 0 && S_ISREG(status.st_mode))))
    throw Error(ErrorCode::cannot_write, "cannot write " + file.string() + ": it is not a regular file",
                "Remove it, or choose another output.");
  if (error != 0) throw write_error(file, error);
  return opened;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file, Kind kind) {
  std::error_code ignored;  // open() below reports the cause
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  descriptor_ = open_regular(file);
  held_ = ::flock(descriptor(), (kind == Kind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

}  // namespace ldznet

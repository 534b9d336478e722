#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "ldznet/error.h"

namespace ldznet {

int open_regular(const std::filesystem::path& file, int flags) {
  const auto refuse = [&](const std::string& why, const char* hint) {
    throw Error(ErrorCode::cannot_write, "cannot write " + file.string() + ": " + why, hint);
  };
  const int descriptor = ::open(file.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
  struct stat status {};
  if (descriptor >= 0 && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) return descriptor;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (descriptor >= 0 || error == ELOOP || error == ENXIO)
    refuse("it is not a regular file", "Remove it, or choose another output.");
  refuse(std::strerror(error), "Free some space, check the folder's permissions, or choose another output.");
  return -1;
}

FileLock::FileLock(const std::filesystem::path& file, Kind kind) {
  std::error_code ignored;  // open() below reports the cause
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  descriptor_ = open_regular(file, O_RDWR | O_CREAT);
  held_ = ::flock(descriptor_, (kind == Kind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace ldznet

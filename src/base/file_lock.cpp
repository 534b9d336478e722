#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "ldznet/error.h"

namespace ldznet {

FileLock::FileLock(const std::filesystem::path& file, Kind kind) {
  std::error_code ignored;  // open() below reports the cause
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw Error(ErrorCode::cannot_write, "cannot write " + file.string() + ": " + std::strerror(errno),
                "Check the folder's permissions or choose another.");
  held_ = ::flock(descriptor_, (kind == Kind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace ldznet

#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "ldznet/error.h"

namespace ldznet {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  std::string hint = "Choose another place for it.";
  if (error == ENOSPC || error == EDQUOT) hint = "Free some space or choose another place for it.";
  if (error == EACCES || error == EPERM || error == EROFS) hint = "Check the folder's permissions or choose another.";
  throw Error(ErrorCode::cannot_write, "cannot write " + path.string() + ": " + std::strerror(error), hint);
}

/// A file with a name of its own beside the target, unlinked unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target) : target_(target) {
    name_ = (target.parent_path() / ".ldznet-XXXXXX").string();
    descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail(target, errno);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(target_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  /// Makes the bytes durable and gives the file its name, with the permissions a new file would have.
  void commit() {
    static const mode_t mask = [] {  // once: to read it is to change it for a moment
      const mode_t now = ::umask(0);
      ::umask(now);
      return now;
    }();
    if (::fchmod(descriptor_, 0666 & ~mask) != 0 || ::fsync(descriptor_) != 0) fail(target_, errno);
    const int closed = ::close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) fail(target_, errno);
    if (::rename(name_.c_str(), target_.c_str()) != 0) fail(target_, errno);
    name_.clear();
  }

 private:
  const std::filesystem::path& target_;
  std::string name_;
  int descriptor_ = -1;
};

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  if (path.has_parent_path()) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) fail(path.parent_path(), error.value());
  }
  const std::filesystem::path target = path.has_parent_path() ? path : std::filesystem::path(".") / path;
  TemporaryFile file(target);
  file.write(bytes);
  file.commit();
}

}  // namespace ldznet

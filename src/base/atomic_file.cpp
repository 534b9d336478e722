#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
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

/// The path with a parent, which is made.
std::filesystem::path in_folder(const std::filesystem::path& path) {
  if (!path.has_parent_path()) return std::filesystem::path(".") / path;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) fail(path.parent_path(), error.value());
  return path;
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path) : target_(in_folder(path)) {
  name_ = (target_.parent_path() / ".ldznet-XXXXXX").string();
  descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail(target_, errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!name_.empty()) ::unlink(name_.c_str());
}

void AtomicFile::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(target_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
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

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace ldznet

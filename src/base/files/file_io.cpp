#include "base/files/file_io.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace ldznet {

void Descriptor::close() {
  if (const int number = std::exchange(number_, -1); number >= 0) ::close(number);
}

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Error write_error(const std::filesystem::path& path, int error) {
  std::string hint = "Choose another output path.";
  if (error == ENOSPC || error == EDQUOT) hint = "Free some disk space or choose another output path.";
  if (error == EEXIST) hint = "Another program made it in the meantime. Choose another output, or use --overwrite.";
  if (error == EACCES || error == EPERM || error == EROFS) hint = "Check the folder's permissions or choose another.";
  return {ErrorCode::cannot_write, "cannot write " + path.string() + ": " + std::strerror(error), hint};
}

}  // namespace ldznet

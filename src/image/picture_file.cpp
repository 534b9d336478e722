#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "ldznet/error.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

constexpr off_t kLargestFile = off_t{1} << 30;  // bytes

/// Why the file cannot be read; `error` is an errno.
[[noreturn]] void refuse(const std::filesystem::path& path, int error) {
  if (error == ENOENT) throw Error(ErrorCode::missing_input, path.string() + ": no such file", "Check the path.");
  const bool about_permissions = error == EACCES || error == EPERM;
  throw Error(ErrorCode::missing_input, path.string() + ": cannot be read: " + std::strerror(error),
              about_permissions ? "Check its permissions." : "Check the path and the disk.");
}

/// Only regular files are pictures: reading a pipe or a device may never end.
void require_regular(const std::filesystem::path& path, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return;
  if (S_ISDIR(status.st_mode) && ::access(path.c_str(), R_OK | X_OK) != 0)
    throw Error(ErrorCode::missing_input, path.string() + ": the folder cannot be read: " + std::strerror(errno),
                "Check its permissions.");
  if (S_ISDIR(status.st_mode))
    throw Error(ErrorCode::bad_image, path.string() + ": is a folder",
                "Name a picture in it, or give the folder to `ldznet segment`.");
  throw Error(ErrorCode::bad_image, path.string() + ": is not a regular file",
              "Write the picture to a file, or give it to `ldznet segment -` on stdin.");
}

/// Reads `size` bytes, or fewer if the file has become shorter.
std::string read_bytes(int descriptor, std::size_t size, const std::filesystem::path& path) {
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(descriptor, content.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace

std::string read_picture_file(const std::filesystem::path& path) {
  struct Descriptor {
    int number;
    ~Descriptor() {
      if (number >= 0) ::close(number);
    }
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) refuse(path, errno);
  require_regular(path, status);
  // Without O_NONBLOCK, opening a pipe that takes the file's place now would wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0 || ::fstat(file.number, &status) != 0) refuse(path, errno);
  require_regular(path, status);
  if (status.st_size > kLargestFile)
    throw Error(ErrorCode::bad_image, path.string() + ": is larger than " + std::to_string(kLargestFile >> 20) + " MiB",
                "Make it smaller first.");
  return read_bytes(file.number, static_cast<std::size_t>(status.st_size), path);
}

}  // namespace ldznet

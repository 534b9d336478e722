#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "ldznet/error.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;  // bytes; stops endless inputs such as /dev/zero

}  // namespace

std::string read_picture_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw Error(ErrorCode::missing_input, path.string() + ": no such file", "Check the path.");
  }
  if (std::filesystem::is_directory(status)) {
    if (::access(path.c_str(), R_OK | X_OK) != 0)
      throw Error(ErrorCode::missing_input, path.string() + ": the folder cannot be read: " + std::strerror(errno),
                  "Check its permissions.");
    throw Error(ErrorCode::bad_image, path.string() + ": is a folder",
                "Name a picture in it, or give the folder to `ldznet segment`.");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(ErrorCode::missing_input, path.string() + ": cannot be read: " + std::strerror(errno),
                "Check its permissions.");
  std::string content;
  for (std::array<char, 65536> part; file; content.append(part.data(), static_cast<std::size_t>(file.gcount()))) {
    if (content.size() > kLargestFile)
      throw Error(ErrorCode::bad_image,
                  path.string() + ": is larger than " + std::to_string(kLargestFile >> 20) + " MiB",
                  "Make it smaller first.");
    file.read(part.data(), part.size());
  }
  if (file.bad())
    throw Error(ErrorCode::missing_input, path.string() + ": cannot be read: input/output error", "Check the disk.");
  return content;
}

}  // namespace ldznet

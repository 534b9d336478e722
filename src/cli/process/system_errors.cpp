#include "cli/process/system_errors.h"

#include <filesystem>
#include <string>

namespace ldznet::cli {

namespace fs = std::filesystem;

Error as_error(const std::system_error& error) {
  const std::string reason = error.code().message();
  if (const auto* about_file = dynamic_cast<const fs::filesystem_error*>(&error)) {
    const std::string path = about_file->path1().string();
    if (!path.empty()) return {ErrorCode::missing_input, path + ": " + reason, "Check the path."};
    return {ErrorCode::missing_input, "the working folder cannot be used: " + reason,
            "Use absolute paths, or change to a folder that exists."};
  }
  if (error.code() == std::errc::resource_unavailable_try_again)
    return {ErrorCode::out_of_memory, "the system starts no more threads: " + reason,
            "Use a smaller --threads, or raise the limit on processes (ulimit -u)."};
  return {ErrorCode::internal, std::string("internal error: ") + error.what()};
}

}  // namespace ldznet::cli

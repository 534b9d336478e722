#pragma once

#include <filesystem>
#include <string_view>

namespace ldznet {

/// Writes a file whole or not at all: a temporary file in the same folder, fsync, rename. Missing parent folders are
/// made. On failure nothing is left behind and an existing file stays as it was.
/// Throws Error(cannot_write) that names the file and says why.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace ldznet

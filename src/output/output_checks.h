#pragma once

#include <filesystem>
#include <string>

namespace ldznet {

/// Whether --output is a single file, which ends in .png, and not a folder. Throws Error(usage) for the suffix of
/// another picture type, or of text such as .json. Its hint is `hint`, if that is not empty.
bool is_one_file(const std::filesystem::path& output, const std::string& hint = "");

/// Throws Error(cannot_write) when `file` exists and `overwrite` is false, or is not a regular file.
void check_not_existing(const std::filesystem::path& file, bool overwrite);

/// Throws Error(cannot_write) when the folder does not accept new files or cannot be created, so that this is known
/// before the work. Creates nothing.
void check_writable(const std::filesystem::path& folder);

/// Throws Error(cannot_write) when a link leads from the folder to another place, in which the file would be written.
void check_below(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace ldznet

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ldznet::cli {

/// The file of a command that draws one picture: `output` (the default folder when empty) itself when it ends in .png,
/// else a file in that folder whose name is made from `name` and `ending`. Throws Error(usage) when `output` has the
/// suffix of another picture type.
std::filesystem::path drawing_file(const std::string& output, const std::string& name, const std::string& ending);

/// Checks before the work that the file can be written. Throws Error(cannot_write) when it exists and must not be
/// replaced, or when its folder is not writable. Removes what killed programs left in the folder.
void check_result_file(const std::filesystem::path& file, bool overwrite);

/// Writes the text into the file, or to stdout when the file is "-". Throws Error(cannot_write) and OutputClosed.
void write_result(const std::string& file, std::string_view text);

}  // namespace ldznet::cli

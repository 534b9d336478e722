#include "output/output_checks.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "base/files/file_io.h"
#include "base/paths.h"
#include "ldznet/error.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOtherPlace = "Choose another output.";

[[noreturn]] void cannot_write(const fs::path& path, const std::string& reason, const std::string& hint) {
  throw Error(ErrorCode::cannot_write, "cannot write " + path.string() + ": " + reason, hint);
}

/// Suffixes of files that are not pictures, each between blanks: nobody means a folder by them.
constexpr std::string_view kOtherFiles = " .json .jsonl .ndjson .html .htm .xml .yaml .yml .csv .tsv .txt ";

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace

bool is_one_file(const fs::path& output, const std::string& hint) {
  std::error_code error;
  if (fs::is_directory(output, error)) return false;
  const std::string suffix = lower_suffix(output);
  if (suffix == ".png") return true;
  if (has_picture_suffix(output) || kOtherFiles.find(" " + suffix + " ") != std::string_view::npos)
    throw Error(ErrorCode::usage, "--output " + output.string() + ": pictures are written as PNG",
                (hint.empty() ? "Name a .png file or a folder." : hint) + " A folder with such a name must exist.");
  return false;
}

void check_not_existing(const fs::path& file, bool overwrite) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(file, error);
  if (status.type() == fs::file_type::not_found) return;
  if (status.type() == fs::file_type::none) cannot_write(file, error.message(), kOtherPlace);
  if (!overwrite) cannot_write(file, "it exists", "Replace existing files with --overwrite, or choose another name.");
  if (status.type() != fs::file_type::regular && status.type() != fs::file_type::symlink)
    cannot_write(file, "it is not a regular file", kOtherPlace);
}

void check_writable(const fs::path& folder) {
  fs::path place = folder.empty() ? fs::path(".") : folder;
  std::error_code error;
  while (place.has_parent_path() && place != place.parent_path() && !fs::exists(place, error))
    place = place.parent_path();
  if (!fs::exists(place, error)) place = ".";
  if (!fs::is_directory(place, error))
    cannot_write(folder.empty() ? place : folder, place.string() + " is not a folder", kOtherPlace);
  if (::access(place.c_str(), W_OK | X_OK) != 0) throw write_error(folder.empty() ? place : folder, errno);
}

void check_below(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  fs::path root = fs::absolute(folder, error);
  if (!error) root = fs::weakly_canonical(root, error);
  if (!root.has_filename())
    root = root.parent_path();  // weakly_canonical keeps the slash of "new/" if the folder does not exist
  fs::path place;
  if (!error) place = fs::absolute(file, error).parent_path();
  if (!error) place = fs::weakly_canonical(place, error);
  if (error) cannot_write(file, error.message(), kOtherPlace);
  if (!is_below(place, root))
    cannot_write(file, "a link in the output folder leads to " + place.string(),
                 "Remove the link or choose another folder.");
}

}  // namespace ldznet

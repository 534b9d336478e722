#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ldznet::cli {

/// A file in a folder that is not segmented.
struct SkippedFile {
  std::filesystem::path path;
  std::string reason;  ///< see `reason_to_skip`
};

/// The files of a folder, each sorted by path.
struct FolderFiles {
  std::vector<std::filesystem::path> pictures;
  std::vector<SkippedFile> skipped;
  std::size_t folders = 0;  ///< folders in the folder that were not read
};

/// Sorts out the files in a folder, if `recursive` also in the folders below it. Hidden files and folders are not
/// looked at, nor is the folder `excluded` (empty: none) when it is found below. Every folder is read once, however
/// many links lead to it: first the folders that are really there, then those behind links. A folder that cannot be
/// read counts as a picture, which will fail.
FolderFiles scan_folder(const std::filesystem::path& folder, bool recursive, const std::filesystem::path& excluded);

/// "3 files skipped: 2 x raw photograph, 1 x text"; the most frequent reason comes first.
std::string skipped_text(const std::vector<SkippedFile>& skipped);

}  // namespace ldznet::cli

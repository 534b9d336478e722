#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file_lock.h"
#include "output/json_lines.h"

namespace ldznet {

/// What a run has finished, picture by picture, so that a later one need not do it again.
///
/// One JSON line a picture, on the disk before the next one begins: {"key": what the picture and all that was asked of
/// it hash to, "line": its ldznet/1 line, "files": {path: sha256}}. A line that was cut short counts as none.
///
/// A run has its journal for itself, and with it the folder or the file that it writes; parts of a run share a folder.
class Journal {
 public:
  /// What `file` and its like from other parts of the run (see `journal_in`) hold; no line is written yet.
  /// Throws Error(cannot_write) when another run has it, or it cannot be made.
  explicit Journal(std::filesystem::path file);

  /// What was said of the picture with this key, if its files are still as they were left.
  std::optional<PictureResult> finished(const std::string& key) const;

  /// Notes a finished picture, durably. Throws Error(cannot_write).
  void add(const std::string& key, const RunMetadata& run, const PictureResult& picture);

 private:
  struct Place {
    std::size_t file;  ///< index in files_
    std::uint64_t offset, length;
  };

  void read(std::size_t file);

  std::filesystem::path file_;
  std::unique_ptr<FileLock> whole_;  ///< of a part: on the whole run's journal
  std::unique_ptr<FileLock> own_;
  std::vector<std::filesystem::path> files_;
  std::unordered_map<std::string, Place> places_;  ///< by key; the last line counts
};

/// The journal of a run that writes into a folder: ".ldznet-journal" in it, or ".ldznet-journal.2-of-8" for a part.
std::filesystem::path journal_in(const std::filesystem::path& folder, const std::string& part);

/// The journal of a run that writes this very file: ".<name>.ldznet-journal" beside it.
std::filesystem::path journal_beside(const std::filesystem::path& file);

}  // namespace ldznet

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/files/file_lock.h"
#include "output/json_lines.h"

namespace ldznet {

/// The list of pictures that a run has finished, so that --resume can skip them.
///
/// A file with one JSON line per picture, which is on the disk before the next line begins: {"key": a hash of the
/// picture and of everything else that its results depend on, "line": its ldznet/1 line, "files": {path: sha256},
/// "check": the sha256 of the line up to here}. A line that was cut short or changed is ignored.
///
/// While a run has its journal open, no other run can open it, so the journal also locks the folder or the file that
/// the run writes. Shards of a run have a journal each and share the folder.
class Journal {
 public:
  /// Reads `file` and the journals of the run's other shards (see `journal_in`). Nothing is written yet.
  /// Throws Error(cannot_write) when another run has the journal open, or it cannot be created.
  explicit Journal(std::filesystem::path file);

  /// The result of the picture with this key, if its files exist unchanged.
  std::optional<PictureResult> finished(const std::string& key) const;

  /// Appends a finished picture and waits until it is on the disk. Throws Error(cannot_write).
  void add(const std::string& key, const RunMetadata& run, const PictureResult& picture);

 private:
  struct Place {
    std::size_t file;  ///< index in files_
    std::uint64_t offset, length;
  };

  void read(std::size_t file);

  std::filesystem::path file_;
  std::unique_ptr<FileLock> whole_;  ///< a shard's lock on the journal of the whole run
  std::unique_ptr<FileLock> own_;
  std::vector<std::filesystem::path> files_;
  std::unordered_map<std::string, Place> places_;  ///< by key; the last line wins
};

/// The journal of a run that writes into a folder: ".ldznet-journal" in it, or ".ldznet-journal.2-of-8" for a shard.
std::filesystem::path journal_in(const std::filesystem::path& folder, const std::string& part);

/// The journal of a run that writes a single file: ".<name>.ldznet-journal" in the same folder.
std::filesystem::path journal_beside(const std::filesystem::path& file);

}  // namespace ldznet

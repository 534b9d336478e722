#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/files/folder.h"
#include "ldznet/error.h"

namespace ldznet {

/// Writes a file atomically, in pieces: a hidden temporary file in the same folder, then fsync and rename. Creates
/// missing parent folders, and opens the file's folder once: a link that takes its place later is not followed. Until
/// `commit` an existing file stays unchanged; without `commit` the temporary file is removed, unless the program is
/// killed (see `remove_stale_temporaries`). The constructor, `write` and `commit` throw Error(cannot_write), which
/// names the file and the cause.
class AtomicFile {
 public:
  /// Replaces a file that is there now, but none that another program makes later.
  explicit AtomicFile(const std::filesystem::path& path);

  /// Replaces any file, or none.
  AtomicFile(const std::filesystem::path& path, bool replace);

  /// The same for a file in an open folder.
  AtomicFile(Folder folder, std::string name, bool replace);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes);

  /// Flushes the bytes to disk and renames the file into place, with the permissions of a new file. Fails when there is
  /// a file that it must not replace. Rethrows the error of an earlier `write`.
  void commit();

 private:
  std::filesystem::path path() const { return folder_.path() / name_; }

  Folder folder_;
  std::string name_;
  bool replace_;
  std::string temporary_;  ///< name of the temporary file; empty once it is renamed
  Descriptor descriptor_;
  std::optional<Error> failure_;  ///< of the first failed write
};

/// Writes `bytes` to `path` atomically. Throws as AtomicFile does, also when a file is there and `replace` is false.
void write_file(const std::filesystem::path& path, std::string_view bytes, bool replace = true);

/// The same for a file in an open folder.
void write_file(Folder folder, std::string name, std::string_view bytes, bool replace);

/// Makes `name` in the folder a symbolic link to `target`. Throws as `write_file` does.
void write_link(const Folder& folder, const std::string& name, const std::filesystem::path& target, bool replace);

/// Holds bytes on disk, in an unnamed file, until the part of the output that precedes them is known. All members throw
/// Error(cannot_write).
class Spool {
 public:
  /// Opens the spool in the folder of `target`, the file that will receive the bytes.
  explicit Spool(const std::filesystem::path& target);

  void write(std::string_view bytes);

  /// Appends everything written so far to `file`. Rethrows the error of an earlier `write`.
  void copy_to(AtomicFile& file) const;

 private:
  std::filesystem::path target_;
  Descriptor descriptor_;
  std::optional<Error> failure_;  ///< of the first failed write
};

/// Removes the temporary files that killed programs left in the folder. Those of running programs are locked and stay;
/// so does every file that is not like a temporary one in name, kind, owner and permissions.
void remove_stale_temporaries(const std::filesystem::path& folder);

}  // namespace ldznet

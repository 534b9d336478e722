#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace ldznet {

/// A time as file systems store it.
struct FileTime {
  bool operator==(const FileTime&) const = default;
  bool is_after(const FileTime& other) const {
    return seconds > other.seconds || (seconds == other.seconds && nanoseconds > other.nanoseconds);
  }

  std::int64_t seconds, nanoseconds;
};

/// Which file it is, and when it changed last. Writing to a file, replacing it and setting its times all change this:
/// no program can set `changed`, the time of the last change of status.
struct FileIdentity {
  explicit FileIdentity(const struct stat& status);
  bool operator==(const FileIdentity&) const = default;

  /// Whether a change from now on gives another identity: within a tick of the clock that stamps files, which is some
  /// milliseconds, or a second on some file systems, two changes have the same time.
  bool is_settled() const;

  /// Whether the last change was seconds ago.
  bool is_old() const;

  std::uint64_t device, number, size;
  FileTime modified, changed;
};

/// Whether an open file is on a disk of this machine, in a file system whose kernel code notes every change. Servers
/// and FUSE programs decide themselves which times a file has, and file systems in memory miss writes through mappings.
bool has_reliable_times(int descriptor);

/// Remembers which files had the right sha256 and could be loaded, so that a large bundle is not hashed at every start.
/// They are listed in a folder that only its user can write to, an entry for each. An entry names the file's identity,
/// so use this only for files that are old and have reliable times.
class KnownFiles {
 public:
  /// `folder` is created when a file is added; empty: nothing is remembered.
  explicit KnownFiles(std::filesystem::path folder = {}) : folder_(std::move(folder)) {}

  /// Those in the folder ldznet/verified of $XDG_CACHE_HOME or ~/.cache; none if that belongs to another user.
  static KnownFiles of_user();

  /// Whether the file had this sha256 when it was added.
  bool contains(const FileIdentity& file, const std::string& sha256) const;

  /// Does nothing when the folder cannot be written.
  void add(const FileIdentity& file, const std::string& sha256) const;

  void remove(const FileIdentity& file) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path entry_of(const FileIdentity& file) const;

  std::filesystem::path folder_;
};

}  // namespace ldznet

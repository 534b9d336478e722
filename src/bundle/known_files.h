#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace ldznet {

/// Which file it is, and when it changed last. Writing to a file, replacing it and changing its times all change this:
/// no program can set the time of the last change of status.
struct FileIdentity {
  explicit FileIdentity(const struct stat& status);
  bool operator==(const FileIdentity&) const = default;

  /// Whether a change from now on gives another identity. That is so once the system's clock, whose ticks are some
  /// milliseconds, is past the last change; nobody can wait for a time that is far in the future.
  bool is_settled() const;

  std::uint64_t device, number, size;
  std::int64_t modified, changed;  ///< nanoseconds since 1970
};

/// Remembers which files had which sha256 and were loaded, so that a large bundle is not hashed again at every start.
/// What is known lies in a folder that only its user can write to, a file for each known file. Files that changed in
/// the last seconds are not remembered, nor files on network and FUSE file systems, whose servers decide what a time
/// means.
class KnownFiles {
 public:
  /// `folder` is created when a file is remembered; empty: nothing is remembered.
  explicit KnownFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The folder `ldznet/verified` in $XDG_CACHE_HOME or ~/.cache; empty if another user owns that.
  static std::filesystem::path folder_of_user();

  /// Whether an open file is on a disk of this machine, whose file system notes every change: others are not
  /// remembered.
  static bool is_local(int descriptor);

  /// Whether the file had this sha256 when it was added.
  bool contains(const FileIdentity& file, const std::string& sha256) const;

  /// Remembers an open file, whose sha256 was computed since the file had this identity. Does nothing when that is not
  /// possible.
  void add(int descriptor, const FileIdentity& file, const std::string& sha256) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace ldznet

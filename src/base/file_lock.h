#pragma once

#include <filesystem>

namespace ldznet {

/// A lock on a file, which other programs that ask for it heed. It ends with this, or with the program however that
/// ends. Where a file system knows no locks, every program gets its own.
class FileLock {
 public:
  enum class Kind { exclusive, shared };

  /// Makes the file, and its folder, where it is not there; does not wait. Throws Error(cannot_write).
  FileLock(const std::filesystem::path& file, Kind kind);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// False when another program has a lock that excludes this one.
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace ldznet

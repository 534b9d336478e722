#pragma once

#include <filesystem>

namespace ldznet {

/// Opens a file with flags of open(), and creates it with O_CREAT. Never follows a link and never waits for a FIFO.
/// Returns the descriptor. Throws Error(cannot_write) when it is no regular file or cannot be opened.
int open_regular(const std::filesystem::path& file, int flags);

/// An advisory lock on a file (flock), released on destruction or when the program ends in any way. On file systems
/// without locks every program gets it.
class FileLock {
 public:
  enum class Kind { exclusive, shared };

  /// Tries to lock without waiting. Creates the file and its folder if missing. Throws Error(cannot_write), also when
  /// the file is a link or no regular file.
  FileLock(const std::filesystem::path& file, Kind kind);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// False when another program holds a conflicting lock.
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace ldznet

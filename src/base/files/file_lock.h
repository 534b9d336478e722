#pragma once

#include <filesystem>

#include "base/files/file_io.h"

namespace ldznet {

/// An advisory lock on a file (flock), released on destruction or when the program ends in any way. On file systems
/// without locks every program gets it.
class FileLock {
 public:
  enum class Kind { exclusive, shared };

  /// Tries to lock without waiting. Creates the file and its folder if missing. Throws Error(cannot_write), also when
  /// the file is a link or no regular file.
  FileLock(const std::filesystem::path& file, Kind kind);

  /// False when another program holds a conflicting lock.
  bool held() const { return held_; }

  /// Of the file, to read it and to append to it.
  int descriptor() const { return descriptor_.number(); }

 private:
  Descriptor descriptor_;
  bool held_ = false;
};

}  // namespace ldznet

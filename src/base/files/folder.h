#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/files/file_io.h"

namespace ldznet {

/// An open folder. What is written in it through its descriptor stays in it, even when another program replaces the
/// folder by a link. All members throw Error(cannot_write).
class Folder {
 public:
  /// Opens a folder, which is created if missing, with its parents. Links to it are followed.
  explicit Folder(const std::filesystem::path& path);

  /// The folder if it exists and can be opened.
  static std::optional<Folder> existing(const std::filesystem::path& path);

  /// Opens a folder below this one, which is created if missing. Refuses links that lead out of this folder.
  Folder below(const std::filesystem::path& relative) const;

  /// Throws when the folder's path no longer leads to it.
  void check_in_place() const;

  /// Removes a file of the folder. False when that is not possible.
  bool remove(const std::string& name) const;

  /// As it was opened: where files of the folder are, in messages.
  const std::filesystem::path& path() const { return path_; }

  /// For openat() and the like.
  int descriptor() const { return descriptor_.number(); }

 private:
  Folder(std::filesystem::path path, Descriptor descriptor);

  Folder opened(const char* name, const std::filesystem::path& path) const;
  bool is_within(const Folder& other) const;

  std::filesystem::path path_;
  Descriptor descriptor_;
};

}  // namespace ldznet

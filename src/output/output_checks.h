#pragma once

#include <filesystem>
#include <string>

namespace ldznet {

/// Whether --output is a single file, which ends in .png, and not a folder. Throws Error(usage) for the suffix of
/// another picture type, or of text such as .json. Its hint is `hint`, if that is not empty.
bool is_one_file(const std::filesystem::path& output, const std::string& hint = "");

/// Throws Error(cannot_write) when `file` exists and `overwrite` is false, or is not a regular file.
void check_not_existing(const std::filesystem::path& file, bool overwrite);

/// Throws Error(cannot_write) when the folder does not accept new files or cannot be created, so that this is known
/// before the work. Creates nothing.
void check_writable(const std::filesystem::path& folder);

/// Throws Error(cannot_write) when a link leads from the folder to another place, in which the file would be written.
void check_below(const std::filesystem::path& file, const std::filesystem::path& folder);

/// A folder that a run writes to, which must not be removed, moved or replaced by a link until the run ends.
class HeldFolder {
 public:
  /// Creates the folder if it is missing. Throws Error(cannot_write).
  explicit HeldFolder(const std::filesystem::path& folder);
  HeldFolder(HeldFolder&& other) noexcept;
  ~HeldFolder();

  /// Throws Error(cannot_write) when the path no longer leads to the folder.
  void check() const;

 private:
  std::filesystem::path folder_;
  int descriptor_;
};

}  // namespace ldznet

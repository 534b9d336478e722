#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ldznet {

/// A file that is written piece by piece and appears whole or not at all: a temporary file in the same folder, fsync,
/// rename. Missing parent folders are made. Until `commit`, nothing is to be seen of it but a hidden file, and an
/// existing file stays as it was; without it, nothing is left behind.
/// All throw Error(cannot_write) that names the file and says why.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes) const;

  /// Makes the bytes durable and gives the file its name, with the permissions a new file would have.
  void commit();

 private:
  std::filesystem::path target_;
  std::string name_;  ///< of the temporary file; empty once it is renamed
  int descriptor_ = -1;
};

/// The same for bytes that are all at hand.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace ldznet

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ldznet/error.h"

namespace ldznet {

/// A file that is written piece by piece and appears whole or not at all: a temporary file in the same folder, fsync,
/// rename. Missing parent folders are made. Until `commit`, nothing is to be seen of it but a hidden file, and an
/// existing file stays as it was; without it, nothing is left behind, unless the program is killed
/// (see `remove_stale_temporaries`).
/// All throw Error(cannot_write) that names the file and says why.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes);

  /// Makes the bytes durable and gives the file its name, with the permissions a new file would have. Throws what an
  /// earlier write threw, if one did.
  void commit();

 private:
  std::filesystem::path target_;
  std::string name_;  ///< of the temporary file; empty once it is renamed
  int descriptor_ = -1;
  std::optional<Error> failure_;  ///< of a write
};

/// The same for bytes that are all at hand.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// What belongs into a file behind something that is not known yet: bytes that wait on the disk in a file without a
/// name. Both throw Error(cannot_write).
class Spool {
 public:
  /// `beside`: the file that it is for; it waits in the same folder.
  explicit Spool(const std::filesystem::path& beside);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  void write(std::string_view bytes);

  /// Appends all that was written to the file. Throws what an earlier write threw, if one did.
  void copy_to(AtomicFile& file) const;

 private:
  std::filesystem::path beside_;
  int descriptor_ = -1;
  std::optional<Error> failure_;  ///< of a write
};

/// Removes the hidden files that programs which were killed have left in the folder. Those of programs that still
/// write are locked, and stay.
void remove_stale_temporaries(const std::filesystem::path& folder);

}  // namespace ldznet

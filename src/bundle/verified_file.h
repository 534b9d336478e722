#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bundle/known_files.h"
#include "ldznet/bundle.h"

namespace ldznet {

/// What to do when a file differs from the manifest.
enum class OnMismatch {
  refuse,  ///< throw Error(bad_config)
  warn,    ///< log a warning and load it anyway (--trust-unverified)
};

/// How the files of a bundle are compared with its manifest.
struct Verification {
  OnMismatch on_mismatch = OnMismatch::refuse;
  KnownFiles known{};  ///< files that need not be hashed; new ones are added
};

/// Frees memory from mmap().
struct Unmap {
  std::size_t size = 0;
  void operator()(std::byte* data) const;
};
using MappedMemory = std::unique_ptr<std::byte, Unmap>;

class OpenBundleFile;

/// One file of a bundle in memory, after its size and sha256 were compared with the manifest. The file is mapped where
/// the file system tells reliably that it has not changed since, and copied elsewhere.
class VerifiedFile {
 public:
  /// Throws Error(bad_config) when the manifest has no such file, or the file is missing, not a regular file, or
  /// different from the manifest, and Error(out_of_memory) when it does not fit into memory.
  VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
               const Verification& verification = {});
  ~VerifiedFile();
  VerifiedFile(const VerifiedFile&) = delete;
  VerifiedFile& operator=(const VerifiedFile&) = delete;

  std::span<const std::byte> bytes() const { return {memory_.get(), memory_.get_deleter().size}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes().data()), bytes().size()}; }

  /// Throws Error(bad_config) when the bytes may not be those that were compared, because the file was written to,
  /// replaced or removed since. Call this when everything that is needed was read, and before it is used.
  void require_unchanged() const;

  /// Whether the file was not hashed, because it was remembered.
  bool is_known() const { return is_known_; }

  /// Adds the file to the known ones, if it is as the manifest says.
  void remember() const;

  /// Frees the whole pages within `count` bytes at `at`, which must not be read again. This way loading a network does
  /// not hold its weights in memory twice.
  void discard(std::size_t at, std::size_t count) const;

 private:
  std::unique_ptr<OpenBundleFile> file_;
  KnownFiles known_;
  bool is_known_ = false, is_right_ = false;
  MappedMemory memory_;
};

}  // namespace ldznet

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
  KnownFiles known{{}};  ///< files that need not be hashed again
};

class OpenBundleFile;

/// One file of a bundle, mapped into memory after its size and sha256 were compared with the manifest.
class VerifiedFile {
 public:
  /// Throws Error(bad_config) when the manifest has no such file, or the file is missing, not a regular file, or
  /// different from the manifest, and Error(out_of_memory) when it cannot be mapped.
  VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
               const Verification& verification = {});
  ~VerifiedFile();
  VerifiedFile(const VerifiedFile&) = delete;
  VerifiedFile& operator=(const VerifiedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

  /// Throws Error(bad_config) when the file was written to, replaced or removed since its sha256 was compared. A
  /// mapping shows later changes, so call this when everything that is needed was read, and before it is used. Changes
  /// through a writable mapping that another program made before are not noticed: only who may write the file has one.
  void require_unchanged() const;

  /// Whether its sha256 was not computed, because the same file was remembered before.
  bool is_known() const { return is_known_; }

  /// Remembers that the file had the right sha256, and what else was found out about its content. Does nothing for a
  /// file that differs from the manifest.
  void remember() const;

  /// Unmaps the whole pages within `count` bytes at `at`, until they are read again. This way loading a network does
  /// not hold its weights in memory twice.
  void discard(std::size_t at, std::size_t count) const;

 private:
  std::unique_ptr<OpenBundleFile> file_;
  KnownFiles known_;
  bool is_known_, is_right_ = true;
  std::span<std::byte> bytes_;
};

}  // namespace ldznet

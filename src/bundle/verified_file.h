#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ldznet/bundle.h"

namespace ldznet {

/// What to do when a file differs from the manifest.
enum class OnMismatch {
  refuse,  ///< throw Error(bad_config)
  warn,    ///< log a warning and load it anyway (--trust-unverified)
};

/// The bytes of one file of a bundle, copied to memory, so that the bytes used are the bytes that were hashed. (A
/// mapping of the file would show later changes.)
class VerifiedFile {
 public:
  /// Reads `directory/name` and compares its size and sha256 with the manifest.
  /// Throws Error(bad_config) when the manifest has no such file, or the file is missing, not a regular file, or
  /// different from the manifest, and Error(out_of_memory) when it does not fit into memory.
  VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
               OnMismatch on_mismatch = OnMismatch::refuse);

  std::span<const std::byte> bytes() const { return memory_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(memory_.data()), memory_.size()}; }

  /// Frees the whole pages within `count` bytes at `at`, which must not be read again. This way loading a network does
  /// not hold its weights in memory twice.
  void discard(std::size_t at, std::size_t count) const;

 private:
  struct Unmap {
    std::size_t size;
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Unmap> data_;
  std::span<const std::byte> memory_;
};

}  // namespace ldznet

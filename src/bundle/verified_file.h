#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ldznet/bundle.h"

namespace ldznet {

/// What to do with a file that differs from the manifest.
enum class OnMismatch {
  refuse,  ///< throw Error(bad_config)
  warn,    ///< log a warning and go on: --trust-unverified
};

/// The bytes of one file of a bundle, in memory of their own: what was hashed is what gets used, whatever happens to
/// the file afterwards. (A mapping of the file would not do: it shows what others write into the file later.)
class VerifiedFile {
 public:
  /// Reads `directory/name`, a name the manifest has. Size and sha256 are compared on the way in.
  /// Throws Error(bad_config) when the file is not there, not a plain file, or differs from the manifest, and
  /// Error(out_of_memory) when it does not fit into memory.
  VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
               OnMismatch on_mismatch = OnMismatch::refuse);

  std::span<const std::byte> bytes() const { return memory_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(memory_.data()), memory_.size()}; }

  /// Gives back the memory of bytes that are not needed any more, as far as whole pages allow; they must not be looked
  /// at again. Weights are then not twice in memory while they are copied to their place.
  void forget(std::size_t at, std::size_t count) const;

 private:
  struct Unmap {
    std::size_t size;
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Unmap> data_;
  std::span<const std::byte> memory_;
};

}  // namespace ldznet

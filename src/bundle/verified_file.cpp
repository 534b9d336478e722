#include "bundle/verified_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "base/files/file_io.h"
#include "base/log.h"
#include "base/sha256.h"
#include "ldznet/error.h"

namespace ldznet {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;  // small enough to be hashed while in the CPU cache
constexpr const char* kExportAgain = "Copy the bundle again, or export it again with scripts/export.py.";

/// 430112004 -> "430,112,004".
std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

Error cannot_load(const std::filesystem::path& directory, const std::string& problem) {
  return {ErrorCode::bad_config, "cannot load " + directory.string() + ": " + problem, kExportAgain};
}

}  // namespace

/// One file of a bundle, open for reading, and its entry in the manifest.
class OpenBundleFile {
 public:
  OpenBundleFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest)
      : directory_(directory),
        name_(name),
        expected_(expected_file(directory, name, manifest)),
        // Non-blocking, because opening a named pipe would wait for a writer.
        descriptor_(::open((directory / name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)),
        identity_(status()),
        changes_show_(has_reliable_times(descriptor_.number()) && identity_.is_settled()),
        is_old_(identity_.is_old()) {}

  std::uint64_t size() const { return identity_.size; }
  int descriptor() const { return descriptor_.number(); }
  bool changes_show() const { return changes_show_; }

  bool is_in(const KnownFiles& known) const { return can_be_known() && known.contains(identity_, expected_.sha256); }
  void add_to(const KnownFiles& known) const {
    if (can_be_known()) known.add(identity_, expected_.sha256);
  }

  /// Describes a wrong size, or nothing.
  std::optional<std::string> size_mismatch() const {
    if (size() == expected_.bytes) return std::nullopt;
    return name_ + " is " + grouped(size()) + " bytes, the manifest says " + grouped(expected_.bytes);
  }

  /// Hashes the file. Describes a wrong sha256, or nothing. `copy` has the file's size and gets its bytes, or is empty.
  std::optional<std::string> hash_mismatch(std::span<std::byte> copy = {}) const {
    std::vector<std::byte> buffer(copy.empty() ? kChunk : 0);
    Sha256 hash;
    for (std::uint64_t at = 0; at < size();) {
      const std::span<std::byte> into = copy.empty() ? std::span(buffer) : copy.subspan(at);
      const std::size_t wanted = std::min<std::uint64_t>(std::min(kChunk, into.size()), size() - at);
      const ssize_t count = ::pread(descriptor(), into.data(), wanted, static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw failed("read");
      if (count == 0) throw problem("was truncated while it was read");
      hash.update(into.first(static_cast<std::size_t>(count)));
      at += static_cast<std::uint64_t>(count);
    }
    const std::string sha256 = hash.hex();
    if (sha256 == expected_.sha256) return std::nullopt;
    KnownFiles::of_user().remove(identity_);  // the disk may have changed it
    return name_ + " has sha256 " + sha256 + ", the manifest says " + expected_.sha256;
  }

  /// Memory for the file's bytes, or a private mapping of it. Writable: tensors may be written to, the file is not.
  MappedMemory memory(bool mapping) const {
    if (size() == 0) return nullptr;
    const int flags = MAP_PRIVATE | (mapping ? 0 : MAP_ANONYMOUS);
    void* const place = ::mmap(nullptr, size(), PROT_READ | PROT_WRITE, flags, mapping ? descriptor() : -1, 0);
    if (place == MAP_FAILED && errno != ENOMEM) throw failed("mapped");
    if (place == MAP_FAILED)
      throw Error(
          ErrorCode::out_of_memory,
          "cannot load " + directory_.string() + ": not enough memory for " + name_ + ", " + grouped(size()) + " bytes",
          "Close other programs, or use a smaller bundle.");
    if (mapping) ::madvise(place, size(), MADV_WILLNEED);
    return {static_cast<std::byte*>(place), Unmap{size()}};
  }

  void require_unchanged() const {
    if (status() != identity_) throw problem("was changed while it was loaded");
  }

 private:
  static BundleFile expected_file(const std::filesystem::path& directory, const std::string& name,
                                  const Manifest& manifest) {
    const auto entry = manifest.files.find(name);
    if (entry == manifest.files.end()) throw cannot_load(directory, "model.json has no entry for " + name);
    return entry->second;
  }

  Error problem(const std::string& text) const { return cannot_load(directory_, name_ + " " + text); }
  Error failed(const char* what) const {
    return problem(std::string("cannot be ") + what + ": " + std::strerror(errno));
  }

  FileIdentity status() const {
    if (descriptor() < 0 && errno == ENOENT) throw problem("is missing");
    if (descriptor() < 0) throw failed("opened");
    struct stat status {};
    if (::fstat(descriptor(), &status) != 0) throw failed("read");
    if (!S_ISREG(status.st_mode)) throw problem("is not a regular file");
    return FileIdentity(status);
  }

  bool can_be_known() const { return changes_show_ && is_old_; }

  std::filesystem::path directory_;
  std::string name_;
  BundleFile expected_;
  Descriptor descriptor_;
  FileIdentity identity_;
  bool changes_show_;  ///< whether a change since the file was opened gives it another identity
  bool is_old_;        ///< when it was opened
};

VerifiedFile::VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
                           const Verification& verification)
    : file_(std::make_unique<OpenBundleFile>(directory, name, manifest)), known_(verification.known) {
  std::optional<std::string> mismatch = file_->size_mismatch();
  if (mismatch && verification.on_mismatch == OnMismatch::refuse) throw cannot_load(directory, *mismatch);
  const bool maps = file_->changes_show();
  is_known_ = !mismatch && file_->is_in(known_);
  memory_ = file_->memory(maps);
  if (!is_known_) {
    const std::span<std::byte> all(memory_.get(), memory_.get_deleter().size);
    const auto hash_mismatch = file_->hash_mismatch(maps ? std::span<std::byte>() : all);
    if (!mismatch) mismatch = hash_mismatch;
  }
  is_right_ = !mismatch;
  if (is_right_) return;
  if (verification.on_mismatch == OnMismatch::refuse) throw cannot_load(directory, *mismatch);
  log::warn(directory.string() + ": " + *mismatch + "; loaded anyway");
}

VerifiedFile::~VerifiedFile() = default;

void Unmap::operator()(std::byte* data) const { ::munmap(data, size); }

void VerifiedFile::require_unchanged() const {
  if (file_->changes_show()) file_->require_unchanged();  // else the bytes are a copy
}

void VerifiedFile::remember() const {
  if (is_right_ && !is_known_) file_->add_to(known_);
}

void VerifiedFile::discard(std::size_t at, std::size_t count) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t first = (at + page - 1) / page * page, end = (at + count) / page * page;
  if (first < end) ::madvise(memory_.get() + first, end - first, MADV_DONTNEED);
}

void verify_bundle(const std::filesystem::path& directory, const Manifest& manifest) {
  for (const auto& [name, expected] : manifest.files) {
    const OpenBundleFile file(directory, name, manifest);
    std::optional<std::string> mismatch = file.size_mismatch();
    if (!mismatch) mismatch = file.hash_mismatch();
    if (mismatch) throw cannot_load(directory, *mismatch);
  }
}

}  // namespace ldznet

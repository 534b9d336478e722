#include "bundle/verified_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
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
      : directory_(directory), name_(name), expected_(entry_of(directory, name, manifest)) {
    // Non-blocking, because opening a named pipe would wait for a writer.
    descriptor_ = Descriptor(::open((directory / name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor_.number() < 0 && errno == ENOENT) throw problem("is missing");
    if (descriptor_.number() < 0) throw problem(std::string("cannot be opened: ") + std::strerror(errno));
    if (!S_ISREG(status().st_mode)) throw problem("is not a regular file");
    for (identity_.emplace(status()); !identity_->is_settled(); identity_.emplace(status()))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::uint64_t size() const { return identity_->size; }
  int descriptor() const { return descriptor_.number(); }

  bool is_in(const KnownFiles& known) const { return known.contains(*identity_, expected_.sha256); }
  void add_to(const KnownFiles& known) const { known.add(descriptor(), *identity_, expected_.sha256); }

  /// Describes a wrong size or sha256, or nothing.
  std::optional<std::string> mismatch() const {
    if (size() != expected_.bytes)
      return name_ + " is " + grouped(size()) + " bytes, the manifest says " + grouped(expected_.bytes);
    const std::string sha256 = hash();
    require_unchanged();
    if (sha256 != expected_.sha256) return name_ + " has sha256 " + sha256 + ", the manifest says " + expected_.sha256;
    return std::nullopt;
  }

  void require_unchanged() const {
    if (FileIdentity(status()) != *identity_) throw problem("was changed while it was loaded");
  }

  /// An error that is about this file.
  Error problem(const std::string& text) const { return cannot_load(directory_, name_ + " " + text); }

 private:
  static BundleFile entry_of(const std::filesystem::path& directory, const std::string& name,
                             const Manifest& manifest) {
    const auto entry = manifest.files.find(name);
    if (entry == manifest.files.end()) throw cannot_load(directory, "model.json has no entry for " + name);
    return entry->second;
  }

  struct stat status() const {
    struct stat status {};
    if (::fstat(descriptor(), &status) != 0) throw problem(std::string("cannot be read: ") + std::strerror(errno));
    return status;
  }

  std::string hash() const {
    std::vector<std::byte> buffer(kChunk);
    Sha256 hash;
    for (std::uint64_t at = 0; at < size();) {
      const ssize_t count = ::pread(descriptor(), buffer.data(), buffer.size(), static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw problem(std::string("cannot be read: ") + std::strerror(errno));
      if (count == 0) throw problem("was truncated while it was read");
      hash.update(std::span(buffer).first(static_cast<std::size_t>(count)));
      at += static_cast<std::uint64_t>(count);
    }
    return hash.hex();
  }

  std::filesystem::path directory_;
  std::string name_;
  BundleFile expected_;
  Descriptor descriptor_;
  std::optional<FileIdentity> identity_;
};

VerifiedFile::VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
                           const Verification& verification)
    : file_(std::make_unique<OpenBundleFile>(directory, name, manifest)),
      known_(verification.known),
      is_known_(file_->is_in(known_)) {
  if (const auto mismatch = is_known_ ? std::nullopt : file_->mismatch()) {
    if (verification.on_mismatch == OnMismatch::refuse) throw cannot_load(directory, *mismatch);
    log::warn(directory.string() + ": " + *mismatch + "; loaded anyway");
    is_right_ = false;
  }
  const std::size_t size = file_->size();
  if (size == 0) return;
  // Private and writable: tensors may be written to, the file is not.
  void* const place = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file_->descriptor(), 0);
  if (place == MAP_FAILED)
    throw Error(
        ErrorCode::out_of_memory,
        "cannot load " + directory.string() + ": not enough memory for " + name + ", " + grouped(size) + " bytes",
        "Close other programs, or use a smaller bundle.");
  ::madvise(place, size, MADV_WILLNEED);
  bytes_ = {static_cast<std::byte*>(place), size};
}

VerifiedFile::~VerifiedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

void VerifiedFile::require_unchanged() const { file_->require_unchanged(); }

void VerifiedFile::remember() const {
  if (is_right_ && !is_known_) file_->add_to(known_);
}

void VerifiedFile::discard(std::size_t at, std::size_t count) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t first = (at + page - 1) / page * page, end = (at + count) / page * page;
  if (first < end) ::madvise(bytes_.data() + first, end - first, MADV_DONTNEED);
}

void verify_bundle(const std::filesystem::path& directory, const Manifest& manifest) {
  for (const auto& [name, expected] : manifest.files)
    if (const auto mismatch = OpenBundleFile(directory, name, manifest).mismatch())
      throw cannot_load(directory, *mismatch);
}

}  // namespace ldznet

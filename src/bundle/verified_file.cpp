#include "bundle/verified_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

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

/// One file of a bundle, open for reading, and its entry in the manifest.
class BundleFileReader {
 public:
  BundleFileReader(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest)
      : directory_(directory), name_(name) {
    const auto entry = manifest.files.find(name);
    if (entry == manifest.files.end()) throw cannot_load(directory, "model.json has no entry for " + name);
    expected_ = entry->second;
    // Non-blocking, because opening a named pipe would wait for a writer.
    descriptor_ = ::open((directory / name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0 && errno == ENOENT) throw cannot_load(directory, name + " is missing");
    if (descriptor_ < 0) throw cannot_load(directory, name + " cannot be opened: " + std::strerror(errno));
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(descriptor_);
      throw cannot_load(directory, name + " is not a regular file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~BundleFileReader() { ::close(descriptor_); }
  BundleFileReader(const BundleFileReader&) = delete;
  BundleFileReader& operator=(const BundleFileReader&) = delete;

  std::uint64_t size() const { return size_; }

  /// Describes a wrong size, or nothing. Cheap: needs no reading.
  std::optional<std::string> size_mismatch() const {
    if (size_ == expected_.bytes) return std::nullopt;
    return name_ + " is " + grouped(size_) + " bytes, the manifest says " + grouped(expected_.bytes);
  }

  /// Describes a wrong hash, or nothing.
  std::optional<std::string> hash_mismatch(const std::string& sha256) const {
    if (sha256 == expected_.sha256) return std::nullopt;
    return name_ + " has sha256 " + sha256 + ", the manifest says " + expected_.sha256;
  }

  /// Fills `into` completely.
  void read(std::span<std::byte> into) {
    while (!into.empty()) {
      const ssize_t count = ::read(descriptor_, into.data(), into.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw cannot_load(directory_, name_ + " cannot be read: " + std::strerror(errno));
      if (count == 0) throw cannot_load(directory_, name_ + " was truncated while it was read");
      into = into.subspan(static_cast<std::size_t>(count));
    }
  }

 private:
  std::filesystem::path directory_;
  std::string name_;
  BundleFile expected_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace

VerifiedFile::VerifiedFile(const std::filesystem::path& directory, const std::string& name, const Manifest& manifest,
                           OnMismatch on_mismatch) {
  BundleFileReader reader(directory, name, manifest);
  std::optional<std::string> mismatch = reader.size_mismatch();
  if (mismatch && on_mismatch == OnMismatch::refuse) throw cannot_load(directory, *mismatch);
  const std::size_t size = reader.size();
  // Mapped, not allocated, so that all or parts of it can be returned to the system.
  void* const place =
      size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED)
    throw Error(
        ErrorCode::out_of_memory,
        "cannot load " + directory.string() + ": not enough memory for " + name + ", " + grouped(size) + " bytes",
        "Close other programs, or use a smaller bundle.");
  data_ = {static_cast<std::byte*>(place), Unmap{size}};
  memory_ = {data_.get(), size};
  Sha256 hash;
  for (std::size_t at = 0; at < size; at += kChunk) {
    const std::span<std::byte> chunk(data_.get() + at, std::min(kChunk, size - at));
    reader.read(chunk);
    hash.update(chunk);
  }
  if (!mismatch) mismatch = reader.hash_mismatch(hash.hex());
  if (mismatch && on_mismatch == OnMismatch::refuse) throw cannot_load(directory, *mismatch);
  if (mismatch) log::warn(directory.string() + ": " + *mismatch + "; loaded anyway");
}

void VerifiedFile::discard(std::size_t at, std::size_t count) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t first = (at + page - 1) / page * page, end = (at + count) / page * page;
  if (first < end) ::madvise(data_.get() + first, end - first, MADV_DONTNEED);
}

void VerifiedFile::Unmap::operator()(std::byte* data) const { ::munmap(data, size); }

void verify_bundle(const std::filesystem::path& directory, const Manifest& manifest) {
  std::vector<std::byte> buffer(kChunk);
  for (const auto& [name, expected] : manifest.files) {
    BundleFileReader reader(directory, name, manifest);
    if (const auto mismatch = reader.size_mismatch()) throw cannot_load(directory, *mismatch);
    Sha256 hash;
    for (std::uint64_t left = expected.bytes; left > 0;) {
      const std::span<std::byte> chunk(buffer.data(), std::min<std::uint64_t>(kChunk, left));
      reader.read(chunk);
      hash.update(chunk);
      left -= chunk.size();
    }
    if (const auto mismatch = reader.hash_mismatch(hash.hex())) throw cannot_load(directory, *mismatch);
  }
}

}  // namespace ldznet

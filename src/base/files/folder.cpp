#include "base/files/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr int kFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr mode_t kPermissions = 0777;  // less the umask

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

struct stat status_of(const Folder& folder) {
  struct stat status {};
  if (::fstat(folder.descriptor(), &status) != 0) throw write_error(folder.path(), errno);
  return status;
}

Descriptor open_new(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw write_error(path, error.value());
  Descriptor opened(::open(path.c_str(), kFlags));
  if (opened.number() < 0) throw write_error(path, errno);
  return opened;
}

}  // namespace

Folder::Folder(const fs::path& path) : path_(path.empty() ? fs::path(".") : path), descriptor_(open_new(path_)) {}

Folder::Folder(fs::path path, Descriptor descriptor) : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

std::optional<Folder> Folder::existing(const fs::path& path) {
  fs::path place = path.empty() ? fs::path(".") : path;
  Descriptor opened(::open(place.c_str(), kFlags));
  if (opened.number() < 0) return std::nullopt;
  return Folder(std::move(place), std::move(opened));
}

/// Opens a folder by its name in this one; `path`: for messages.
Folder Folder::opened(const char* name, const fs::path& path) const {
  Descriptor found(::openat(descriptor(), name, kFlags));
  if (found.number() < 0) throw write_error(path, errno);
  return {path, std::move(found)};
}

/// Whether the folder is `other` or below it, wherever their paths lead now.
bool Folder::is_within(const Folder& other) const {
  const struct stat wanted = status_of(other);
  Folder at = opened(".", path_);
  for (struct stat status = status_of(at); !is_same(status, wanted);) {
    at = at.opened("..", path_);
    const struct stat above = status_of(at);
    if (is_same(above, status)) return false;  // the root of the file system
    status = above;
  }
  return true;
}

Folder Folder::below(const fs::path& relative) const {
  Folder at = opened(".", path_);
  for (const fs::path& name : relative) {
    const fs::path path = at.path_ / name;
    if (::mkdirat(at.descriptor(), name.c_str(), kPermissions) != 0 && errno != EEXIST) throw write_error(path, errno);
    at = at.opened(name.c_str(), path);
    if (!at.is_within(*this))
      throw Error(ErrorCode::cannot_write, "cannot write " + path.string() + ": a link leads out of " + path_.string(),
                  "Remove the link or choose another folder.");
  }
  return at;
}

void Folder::check_in_place() const {
  struct stat now {};
  if (::stat(path_.c_str(), &now) == 0 && is_same(status_of(*this), now)) return;
  throw Error(ErrorCode::cannot_write,
              "cannot write " + path_.string() + ": the folder was removed or replaced during the run",
              "Put it back and go on with --resume.");
}

bool Folder::remove(const std::string& name) const { return ::unlinkat(descriptor(), name.c_str(), 0) == 0; }

}  // namespace ldznet

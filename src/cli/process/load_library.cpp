#include "cli/process/load_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "ldznet/error.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLibrary = LDZNET_LIBRARY;  // "libldznet.so.0.1"

fs::path library_file() {
  std::error_code error;
  const fs::path folder = fs::canonical("/proc/self/exe", error).parent_path();
  const fs::path other = (folder.parent_path() / LDZNET_LIBRARY_FOLDER).lexically_normal();
  for (const fs::path& file : {folder / kLibrary, other / kLibrary})
    if (fs::exists(file, error)) return file;
  throw Error(ErrorCode::bad_config,
              std::string(kLibrary) + " is neither in " + folder.string() + " nor in " + other.string(),
              "Install the program together with its library: cmake --install.");
}

/// What to do when the library `file` cannot be loaded for `reason`, the loader's message.
std::string hint(const fs::path& file, const std::string& reason) {
  if (reason.find("libtorch") == std::string::npos && reason.find("libc10") == std::string::npos)
    return "docs/install.md lists the packages with the libraries that ldznet needs.";
  const fs::path folder = file.parent_path() / LDZNET_TORCH_FOLDER;
  std::error_code error;
  const fs::path target = fs::read_symlink(folder, error);
  const bool there = fs::is_directory(folder, error);
  return "LibTorch is looked for in " + folder.string() + (target.empty() ? "" : ", a link to " + target.string()) +
         (there ? "" : ", which does not exist") + ". Make " + folder.string() +
         " a link to the folder lib of LibTorch " LDZNET_TORCH_VERSION ", or add that folder to LD_LIBRARY_PATH.";
}

}  // namespace

Entry* load_library() {
  const fs::path file = library_file();
  // Lazy, because binding all functions of LibTorch at once takes a tenth of the time of `ldznet tokenize`.
  void* library = ::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  void* entry = library == nullptr ? nullptr : ::dlsym(library, kEntry);
  if (entry == nullptr) {
    const char* message = ::dlerror();
    const std::string reason = message != nullptr ? message : "no reason given";
    throw Error(ErrorCode::bad_config, "cannot load " + file.string() + ": " + reason, hint(file, reason));
  }
  return reinterpret_cast<Entry*>(entry);
}

}  // namespace ldznet::cli

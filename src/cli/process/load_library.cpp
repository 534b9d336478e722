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
  for (const fs::path& file : {folder / kLibrary, folder.parent_path() / LDZNET_LIBRARY_FOLDER / kLibrary})
    if (fs::exists(file, error)) return file;
  throw Error(ErrorCode::internal,
              std::string(kLibrary) + " is neither in " + folder.string() + " nor in " +
                  (folder.parent_path() / LDZNET_LIBRARY_FOLDER).string(),
              "Install the program with its library: cmake --install.");
}

}  // namespace

Entry* load_library() {
  const fs::path file = library_file();
  // Lazy, because binding all functions of LibTorch at once takes a tenth of the time of `ldznet tokenize`.
  void* library = ::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  void* entry = library == nullptr ? nullptr : ::dlsym(library, kEntry);
  if (entry == nullptr) {
    const char* reason = ::dlerror();
    throw Error(ErrorCode::internal,
                "cannot load " + file.string() + ": " + (reason != nullptr ? reason : "no reason given"),
                "LibTorch, OpenCV and libvips must be where they were when ldznet was built.");
  }
  return reinterpret_cast<Entry*>(entry);
}

}  // namespace ldznet::cli

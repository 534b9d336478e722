#include "bundle/locate.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "ldznet/bundle.h"
#include "ldznet/error.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kShipped = "models/ldznet-mini";

/// The folders of the library that contains this function and of the running executable.
std::vector<fs::path> program_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&default_bundle_directory), &here) != 0 && here.dli_fname != nullptr) {
    const fs::path library = fs::canonical(here.dli_fname, error);
    if (!error) folders.push_back(library.parent_path());
  }
  const fs::path executable = fs::canonical("/proc/self/exe", error);
  if (!error && (folders.empty() || folders.front() != executable.parent_path()))
    folders.push_back(executable.parent_path());
  return folders;
}

}  // namespace

std::vector<fs::path> shipped_bundle_candidates(const fs::path& directory) {
  return {
      (directory / kShipped).lexically_normal(),
      (directory / "../share/ldznet" / kShipped).lexically_normal(),
      (directory / ".." / kShipped).lexically_normal(),
      (directory / "../.." / kShipped).lexically_normal(),
  };
}

fs::path default_bundle_directory() {
  if (const char* named = std::getenv("LDZNET_MODEL"); named != nullptr && *named != '\0') return named;
  std::string looked;
  for (const fs::path& folder : program_folders()) {
    for (const fs::path& candidate : shipped_bundle_candidates(folder)) {
      std::error_code error;
      if (fs::is_regular_file(candidate / "model.json", error)) return candidate;
      looked += (looked.empty() ? "" : ", ") + candidate.string();
    }
  }
  throw Error(ErrorCode::missing_input, "cannot find the bundled model (looked in " + looked + ")",
              "Name a bundle's folder, or set $LDZNET_MODEL to one.");
}

}  // namespace ldznet

#pragma once

#include <filesystem>
#include <vector>

namespace ldznet {

/// Where to look for the bundled model, given the `directory` of the program or library: in that folder, in share/ of
/// an install tree, and in the source tree above a build folder.
std::vector<std::filesystem::path> shipped_bundle_candidates(const std::filesystem::path& directory);

}  // namespace ldznet

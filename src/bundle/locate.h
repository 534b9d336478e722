#pragma once

#include <filesystem>
#include <vector>

namespace ldznet {

/// The places where the bundle that ships may lie for a program or library in `directory`: beside it, in an
/// installation's share/ next to its bin/ or lib/, and in the source tree above a build folder.
std::vector<std::filesystem::path> shipped_bundle_places(const std::filesystem::path& directory);

}  // namespace ldznet

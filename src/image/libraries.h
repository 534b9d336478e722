#pragma once

#include <string>

namespace ldznet {

/// The versions of the picture libraries that are loaded, "8.14.1".
std::string vips_library_version();
std::string opencv_library_version();

}  // namespace ldznet

#pragma once

#include <string>
#include <string_view>

namespace ldznet {

/// Converts UTF-8 text to ASCII, the only characters that OpenCV's fonts have. Accents are dropped; each run of other
/// characters becomes one "?".
std::string to_ascii(std::string_view text);

}  // namespace ldznet

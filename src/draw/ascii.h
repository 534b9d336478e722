#pragma once

#include <string>
#include <string_view>

namespace ldznet {

/// What OpenCV's fonts can write of a UTF-8 text: accents are dropped, a run of other characters becomes one "?".
std::string to_ascii(std::string_view text);

}  // namespace ldznet

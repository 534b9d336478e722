#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ldznet {

/// Escapes line feeds, tabs, other control characters and backslashes as in C (\n, \t, \x1b, \\), so that the text
/// neither breaks its line nor moves a terminal's cursor.
std::string printable(std::string_view text);

/// The columns that the text takes on a terminal: two for East Asian letters and emoji, none for combining marks.
std::size_t display_width(std::string_view text);

}  // namespace ldznet

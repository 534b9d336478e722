#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ldznet {

/// Escapes line feeds, tabs, other control characters, embeddings and overrides of writing direction, bytes that are
/// not UTF-8 and backslashes as in C (\n, \t, \x1b, \u009b, \\), so that the text neither breaks its line nor controls
/// a terminal.
std::string printable(std::string_view text);

/// The same for messages to people, which may contain several lines: backslashes stay, and lines after the first are
/// indented, so that none looks like a message of its own.
std::string safe_lines(std::string_view text);

/// The columns that the text takes on a terminal: two for East Asian letters and emoji, none for combining marks.
std::size_t display_width(std::string_view text);

}  // namespace ldznet

#pragma once

#include <cstddef>
#include <string>

namespace ldznet::cli {

constexpr std::size_t kHelpWidth = 100;  ///< columns of a help text

/// Breaks text at spaces into lines of at most `width` columns; every line but the first is indented by `indent`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width = kHelpWidth);

/// An entry of a list: the name, then the text beside it from column `column` on, or below it when the name is long.
std::string help_entry(const std::string& name, const std::string& text, std::size_t column);

}  // namespace ldznet::cli

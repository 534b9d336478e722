#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace CLI {
class FormatterBase;
}

namespace ldznet::cli {

/// Columns of a help text: the terminal's width, from 60 to 120, or 80 when stdout is no terminal.
std::size_t help_width();

/// The program's version and the commit that it was built from, "0.1.0 (4f2a91c03b)"; without git the version alone.
std::string version_text();

/// Breaks text at spaces into lines of at most `width` columns; every line but the first is indented by `indent`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width = help_width());

/// An entry of a list: the name, then the text from column `column` on, on the next line when the name is too long.
std::string help_entry(const std::string& name, const std::string& text, std::size_t column);

/// The paragraph on exit codes at the end of a help text. `done`: what 0 means; `bad_input`: what 65 means, empty if
/// the command does not end with it.
std::string exit_codes(const std::string& done, const std::string& bad_input);

/// The layout of a command's help: summary, usage, description, groups of options, examples.
std::shared_ptr<CLI::FormatterBase> help_formatter(const std::string& usage, const std::string& description);

}  // namespace ldznet::cli

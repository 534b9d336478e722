#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// Setters for the kinds of values options have. Each writes to the variable it is given, which must outlive it.

/// "true", "yes", "on", "1" and their opposites; nothing for any other text.
std::optional<bool> parse_boolean(const std::string& value);
Setter boolean(bool& variable);

/// Any text that is not empty.
Setter string(std::string& variable);
Setter string(std::optional<std::string>& variable);

/// Any text, added to a list.
Setter append_string(std::vector<std::string>& variable);

/// One of a few words.
Setter choice(std::string& variable, std::vector<std::string> allowed);

/// A comma list of such words, added to a list, each once.
Setter choice_list(std::vector<std::string>& variable, std::vector<std::string> allowed);

/// A comma list of texts that are not empty, added to a list.
Setter string_list(std::vector<std::string>& variable);

/// A comma list of whole numbers from `low` to `high`, added to a list.
Setter integer_list(std::vector<int>& variable, int low, int high);

/// A whole number from `low` to `high`, in decimal digits.
Setter integer(int& variable, int low, int high);
Setter integer(std::optional<int>& variable, int low, int high);
Setter integer(std::uint64_t& variable, std::uint64_t low, std::uint64_t high);

/// A number from `low` to `high`; infinities and nan are none.
Setter number(std::optional<double>& variable, double low, double high);

}  // namespace ldznet::cli

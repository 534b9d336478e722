#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags.h"

namespace ldznet::cli {

/// Setters for the kinds of values options have. Each writes to the variable it is given, which must outlive it.

/// "true", "yes", "on", "1" and their opposites; nothing for any other text.
std::optional<bool> read_yes_or_no(const std::string& value);
Setter yes_or_no(bool& variable);

/// Any text that is not empty.
Setter text(std::string& variable);
Setter text(std::optional<std::string>& variable);

/// Any text, added to a list.
Setter each_text(std::vector<std::string>& variable);

/// One of a few words.
Setter one_of(std::string& variable, std::vector<std::string> allowed);

/// A comma list of such words, added to a list, each once.
Setter some_of(std::vector<std::string>& variable, std::vector<std::string> allowed);

/// A comma list of texts that are not empty, added to a list.
Setter texts(std::vector<std::string>& variable);

/// A comma list of whole numbers from `low` to `high`, added to a list.
Setter wholes(std::vector<int>& variable, int low, int high);

/// A whole number from `low` to `high`, in decimal digits.
Setter whole(int& variable, int low, int high);
Setter whole(std::optional<int>& variable, int low, int high);
Setter whole(std::uint64_t& variable, std::uint64_t low, std::uint64_t high);

/// A number from `low` to `high`; infinities and nan are none.
Setter number(std::optional<double>& variable, double low, double high);

}  // namespace ldznet::cli

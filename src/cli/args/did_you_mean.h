#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ldznet::cli {

/// The known word that was most likely meant, or "" when none is similar: one that begins with what was typed (three
/// letters at least), else the one with the fewest typing errors, at most a third of its letters.
std::string nearest(const std::string& typed, const std::vector<std::string>& known);

/// The known word with the fewest typing errors, at most one in `letters` of its letters; "" when there is none.
std::string misspelt(const std::string& typed, const std::vector<std::string>& known, std::size_t letters);

}  // namespace ldznet::cli

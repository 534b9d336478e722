#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ldznet {

constexpr std::size_t kLongestName = 255;  ///< bytes that a file name may have on Linux file systems

/// The part of a file name that each prompt gets. Letters and digits of any script, marks and emoji are kept; anything
/// else becomes a single dash, but the signs of modifiers become words: "panda-grow-8" for "panda{+8}". There are no
/// dots, because they separate the parts of a name. A slug that was cut, is empty, or equals another prompt's (ignoring
/// case) ends with ~ and a short hash of its prompt. Distinct prompts have distinct slugs; throws Error(usage) if the
/// hashes collide.
std::vector<std::string> slugs(const std::vector<std::string>& prompts);

/// A relative path that is safe to create below an output folder: no component is "..", starts with a dot or a dash, or
/// contains control characters or bytes that are not UTF-8. A component that lost characters ends with ~ and a short
/// hash of the original.
std::string safe_path(const std::string& relative);

/// `stem` + `ending` with at most kLongestName bytes. A stem that had to be cut ends with ~ and a short hash of the
/// whole stem.
std::string fitted_name(const std::string& stem, const std::string& ending);

}  // namespace ldznet

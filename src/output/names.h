#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ldznet {

constexpr std::size_t kLongestName = 255;  ///< bytes a file's name may have on Linux file systems

/// What a file made of a picture holds.
enum class OutputKind { mask, overlay, cutout, probability, labels, panoptic, yolo, labelme };

/// Whether it is made once for all prompts together, not for every one.
constexpr bool is_of_all_prompts(OutputKind kind) { return kind >= OutputKind::labels; }

/// Whether it is a text for another tool, which looks for the picture's name without its suffix.
constexpr bool is_for_tools(OutputKind kind) { return kind == OutputKind::yolo || kind == OutputKind::labelme; }

/// "mask", "overlay", ...
const char* name(OutputKind kind);

/// The kind with this name. Throws Error(usage).
OutputKind kind_of(const std::string& name);

/// What stands for each prompt in file names: letters and digits of any script, marks and emoji as they are, everything
/// else as single dashes; no dots, so that names can be told apart. A slug that was cut, that has nothing left, or that
/// another prompt has, too (upper and lower case alike), ends with ~ and a short hash of its prompt. All are distinct
/// when the prompts are, or Error(usage) is thrown.
std::vector<std::string> slugs(const std::vector<std::string>& prompts);

/// A relative path as it may be made below an output folder: no component is "..", begins with a dot or a dash, or
/// holds control characters or bytes that are not UTF-8. A component that lost characters this way ends with ~ and a
/// short hash of what it was.
std::string safe_path(const std::string& relative);

/// ".png" of "zoo/IMG.PNG": ASCII letters in lower case.
std::string lower_suffix(const std::filesystem::path& path);

/// `stem` + `ending`, where the stem is cut (and then ends with ~ and a short hash of the whole stem) so that the name
/// has at most kLongestName bytes.
std::string fitted_name(const std::string& stem, const std::string& ending);

}  // namespace ldznet

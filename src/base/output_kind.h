#pragma once

#include <string>
#include <vector>

namespace ldznet {

/// What a file made of a picture holds.
enum class OutputKind { mask, overlay, cutout, probability, labels, labels_index, panoptic, yolo, yolo_image, labelme };

/// The kind's name in --save, file names and the JSON's "files": "mask", "overlay", ...
const char* name(OutputKind kind);

/// Whether there is one file for all prompts of a picture, not one per prompt.
bool is_of_all_prompts(OutputKind kind);

/// Whether it is text for another tool, which looks for the picture's name without its suffix.
bool is_for_tools(OutputKind kind);

/// The names that --save takes, in the order of its help.
std::vector<std::string> savable_kinds();

/// The kind with this name, savable or not. Throws Error(usage).
OutputKind kind_of(const std::string& name);

}  // namespace ldznet

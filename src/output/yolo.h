#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "output/label_tools.h"

namespace ldznet {

// A data set that Ultralytics trains from: `images/`, `labels/` and data.yaml, which names the classes.

/// The file with the names of the classes of the data set in `folder`.
std::filesystem::path yolo_names_file(const std::filesystem::path& folder);

/// Throws Error(cannot_write) when the data set in `folder` has classes that ldznet cannot add to, because their names
/// are not in the form that it writes.
void check_yolo_classes(const std::filesystem::path& folder);

/// Adds the prompts to the classes of the data set in `folder` and returns the class of each. A class never changes its
/// number: prompts that the data set does not have yet get the numbers after its last one. To be called before the
/// first label is written, so that no number is ever without its name. Throws Error(cannot_write).
std::vector<std::size_t> add_yolo_classes(const std::filesystem::path& folder, const std::vector<std::string>& prompts);

/// The label file of a picture: a line per region with its class and the outline's corners as fractions of width and
/// height. An empty text says that the picture shows nothing of the prompts. `classes`: those of the prompts.
std::string yolo_text(const OutlinedPicture& picture, const std::vector<std::size_t>& classes);

/// Whether Ultralytics finds pictures with this suffix, a dot and lower-case letters.
bool yolo_reads(const std::string& suffix);

/// The path of a picture below `images/` and `labels/`. Ultralytics finds the labels by replacing the last folder
/// called "images" in a picture's path, so no folder of the picture's own may be called so.
std::filesystem::path yolo_path(const std::filesystem::path& relative);

}  // namespace ldznet

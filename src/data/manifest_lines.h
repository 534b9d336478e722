#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace ldznet {

/// The sample of one line, which is the `number`th, from 0, in `folder`; `where` is used in messages.
/// Throws Error(bad_image).
Sample parse_manifest_line(const std::string& text, std::size_t number, const std::filesystem::path& folder,
                           const std::string& where);

/// The samples of `folder/manifest.jsonl`, a line each: {"image": "a.png", "phrase": "red car", "mask": M, "id": "7"}.
/// M is a picture's name, {"size": [H, W], "counts": "..."} or polygons, [[x, y, x, y, ...], ...]; names are relative
/// to the folder. Without an id the line's number counts, from 0. Blank lines are passed over. Other members that are
/// texts become the sample's tags. Throws Error(missing_input) and Error(bad_image), naming the line.
std::vector<Sample> read_manifest_lines(const std::filesystem::path& folder);

}  // namespace ldznet

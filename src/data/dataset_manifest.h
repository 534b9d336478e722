#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace ldznet {

/// Parses line `number` (from 0) of a data set's manifest. `folder` is what the line's file names are relative to;
/// `where` names the line in messages. Throws Error(bad_image).
Sample parse_dataset_line(const std::string& text, std::size_t number, const std::filesystem::path& folder,
                          const std::string& where);

/// Reads `folder/manifest.jsonl`, which has one sample per line: {"image": "a.png", "phrase": "red car", "mask": M,
/// "id": "7"}. M is a picture's file name; {"size": [H, W], "counts": C}, where C is COCO's compressed text or a list
/// of run lengths; or polygons, [[x, y, x, y, ...], ...]. Without polygons, or with M "" or null, the object is absent.
/// The default id is the line's number, from 0. Blank lines are skipped. Other string members become the sample's
/// tags. Throws Error(missing_input), and Error(bad_image), which names the line.
std::vector<Sample> read_dataset_manifest(const std::filesystem::path& folder);

}  // namespace ldznet

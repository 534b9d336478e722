#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace ldznet {

/// The file of tasks of a folder in PhraseCut's layout (VGPhraseCut_v0): `refer_<split>.json`, without a split that of
/// test, else of val. Empty when it is not there.
std::filesystem::path phrasecut_tasks(const std::filesystem::path& folder, const std::string& split);

/// Its samples; a sample's ground truth is the union of all its instances' polygons. The 17 images that CLIPSeg's
/// evaluation leaves out, since their size disagrees with the annotations, are left out here, too; `left_out` counts
/// their samples. Throws Error(missing_input) and Error(bad_image).
std::vector<Sample> read_phrasecut(const std::filesystem::path& folder, const std::filesystem::path& tasks,
                                   std::size_t& left_out);

}  // namespace ldznet

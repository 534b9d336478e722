#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace ldznet {

/// The task file of a folder in PhraseCut's layout (VGPhraseCut_v0): `refer_<split>.json`. Without a split: test, or
/// val where there is no test. Empty when there is no such file.
std::filesystem::path phrasecut_tasks(const std::filesystem::path& folder, const std::string& split);

/// The samples of a task file. A sample's ground truth is the union of its instances' polygons. As in CLIPSeg's
/// evaluation, samples of the 17 images whose size disagrees with the annotations are skipped; `left_out` is their
/// count. Throws Error(missing_input) and Error(bad_image).
std::vector<Sample> read_phrasecut(const std::filesystem::path& folder, const std::filesystem::path& tasks,
                                   std::size_t& left_out);

/// The same from the file's content. `where` names the file in messages. Throws Error(bad_image).
std::vector<Sample> parse_phrasecut(std::istream& content, const std::filesystem::path& folder,
                                    const std::string& where, std::size_t& left_out);

}  // namespace ldznet

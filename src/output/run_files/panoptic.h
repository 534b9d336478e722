#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "draw/palette.h"
#include "mask/label_map.h"
#include "output/json_lines.h"
#include "output/names.h"
#include "output/run_files/data_set_file.h"

namespace ldznet {

/// What a label map shows, prompt by prompt; those of which it shows nothing are left out.
std::vector<LabelSegment> segments(const LabelMap& map);

/// A run's label maps as a COCO panoptic data set: a JSON file, and beside it a folder with a PNG for every picture,
/// whose colours are segment ids (red + 256 green + 65,536 blue), as panopticapi reads them. Prompts are categories
/// and, since a prompt means all that it names, its pixels in a picture are one segment with the category's id.
/// All throw Error(cannot_write).
class PanopticWriter {
 public:
  /// `folder` has the PNGs.
  PanopticWriter(const std::filesystem::path& file, std::filesystem::path folder, std::vector<std::string> prompts);

  /// Adds a picture with its segments; one without is left out.
  void add(const PictureResult& picture);

  /// Ends the JSON file, which appears now.
  void finish();

 private:
  DataSetFile file_;
  std::filesystem::path folder_;
  std::vector<std::string> prompts_;
};

}  // namespace ldznet

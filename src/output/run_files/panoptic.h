#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "output/run_files/data_set_file.h"
#include "output/run_writer.h"

namespace ldznet {

/// A run's label maps as a COCO panoptic data set: a JSON file, and a folder with one PNG per picture whose colours are
/// segment ids (red + 256 green + 65,536 blue), as panopticapi reads them. Prompts are categories. Unless a run splits
/// masks into instances, a prompt means everything that it names ("stuff"), so its pixels in a picture are one segment,
/// whose id is the category's.
class PanopticWriter final : public RunWriter {
 public:
  /// `folder`: where the PNGs are. `relative_to`: see DataSetFile. `instances`: the categories are "things".
  PanopticWriter(const std::filesystem::path& file, std::filesystem::path folder, std::vector<std::string> prompts,
                 std::filesystem::path relative_to, bool instances);

  /// Leaves out a picture without segments.
  void add(const PictureResult& picture, const Image* image) override;
  void finish() override;

 private:
  DataSetFile file_;
  std::filesystem::path folder_;
  std::vector<std::string> prompts_;
  bool instances_;
};

}  // namespace ldznet

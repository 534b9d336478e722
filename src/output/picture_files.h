#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/label_map.h"
#include "output/label_tools.h"
#include "output/picture_result.h"
#include "output/plan.h"

namespace ldznet {

/// Makes and writes the files of pictures.
class PictureFiles {
 public:
  /// `prompts`: of the run.
  explicit PictureFiles(std::vector<std::string> prompts);

  /// The PNG of a kind that is not of all prompts; `prompt` counts from 0.
  std::string encode(OutputKind kind, std::size_t prompt, const Image& image, const FoundMask& found) const;

  /// The PNG of OutputKind::labels: the label map in colours, with a legend.
  std::string encode(const Image& image, const LabelMap& labels) const;

  /// Each writes one group of a picture's planned files: those of one prompt, the label maps, the files for label
  /// tools. Each file appears whole or not at all.
  /// Throws Error(cannot_write) naming the file; files written before it stay.
  NamedFiles write(const OutputPlan& plan, std::size_t picture, std::size_t prompt, const Image& image,
                   const FoundMask& found) const;
  NamedFiles write(const OutputPlan& plan, std::size_t picture, const Image& image, const LabelMap& labels) const;
  NamedFiles write(const OutputPlan& plan, std::size_t picture, const OutlinedPicture& outlined) const;

 private:
  std::vector<std::string> prompts_;
  std::vector<Color> colors_;  ///< by prompt
};

}  // namespace ldznet

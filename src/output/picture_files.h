#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/label_map.h"
#include "output/json_lines.h"
#include "output/label_tools.h"
#include "output/plan.h"

namespace ldznet {

/// Draws the findings of a run's prompts and encodes them.
class PictureFiles {
 public:
  explicit PictureFiles(std::vector<std::string> prompts);

  /// The PNG of one kind but labels; `prompt` counts from 0.
  std::string encode(OutputKind kind, std::size_t prompt, const Image& image, const FoundMask& found) const;

  /// The PNG of all prompts' labels, to be looked at.
  std::string encode(const Image& image, const LabelMap& labels) const;

  /// Writes every planned file of a picture and a prompt, or of all prompts together; each whole or not at all.
  /// Throws Error(cannot_write) naming the file; those written before it stay.
  NamedFiles write(const OutputPlan& plan, std::size_t picture, std::size_t prompt, const Image& image,
                   const FoundMask& found) const;
  NamedFiles write(const OutputPlan& plan, std::size_t picture, const Image& image, const LabelMap& labels) const;
  NamedFiles write(const OutputPlan& plan, std::size_t picture, const OutlinedPicture& outlined) const;

 private:
  std::vector<std::string> prompts_;
  std::vector<Color> colors_;  ///< by prompt
};

}  // namespace ldznet

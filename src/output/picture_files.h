#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/palette.h"
#include "mask/threshold.h"
#include "output/json_lines.h"
#include "output/plan.h"

namespace ldznet {

/// What was found for one prompt in one picture; everything has the upright picture's size.
struct Finding {
  Probability probability;
  Mask mask;
  MaskMeasures measures;
};

/// What was written for one picture.
struct WrittenFiles {
  std::vector<NamedFiles> by_prompt;
  NamedFiles common;  ///< made for all prompts together
};

/// Draws the findings of a run's prompts and encodes them.
class PictureFiles {
 public:
  explicit PictureFiles(std::vector<std::string> prompts);

  /// The PNG of one kind; `prompt` counts from 0 and says nothing for labels.
  std::string encode(Kind kind, std::size_t prompt, const Image& image, std::span<const Finding> findings) const;

  /// Writes every planned file of a picture, each whole or not at all.
  /// Throws Error(cannot_write) naming the file; those written before it stay.
  WrittenFiles write(const OutputPlan& plan, std::size_t picture, const Image& image,
                     std::span<const Finding> findings) const;

 private:
  std::vector<std::string> prompts_;
  std::vector<Color> colors_;  ///< by prompt
};

}  // namespace ldznet

#pragma once

#include <string>

#include "ldznet/mask.h"
#include "output/json_lines.h"

namespace ldznet {

/// Optional members of a prompt's result.
struct JsonFields {
  bool counts = false;    ///< COCO's run lengths
  bool boxes = false;     ///< a box for every region
  bool polygons = false;  ///< outlines of every region
};

/// Builds the result record of a prompt; file names are filled in later.
PromptResult prompt_result(const std::string& prompt, const FoundMask& found, const JsonFields& fields);

}  // namespace ldznet

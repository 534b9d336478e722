#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/segment/job.h"
#include "ldznet/mask.h"
#include "ldznet/pipeline.h"
#include "output/picture_result.h"

namespace ldznet::cli {

/// A job's settings, completed with the loaded bundle's defaults.
struct RunSettings {
  MaskOptions mask;           ///< with the job's or the bundle's threshold
  int working_area = 0;       ///< pixels of the working image, at most
  int working_multiple = 0;   ///< of which its sides are multiples
  bool drops_specks = false;  ///< files for label tools leave out regions below kSmallestRegion
  RunMetadata metadata;
  std::vector<std::size_t> yolo_classes;  ///< of the prompts in the YOLO data set; empty without one
  std::string key;                        ///< a hash of everything but the picture that a picture's results depend on
};

/// Also adds the prompts to the job's YOLO data set, if there is one. Throws Error(cannot_write).
RunSettings settings_for(const SegmentJob& job, const Pipeline& pipeline);

/// The key of a picture's results in the journal: a hash of the settings, the picture's name and bytes, and the names
/// of its files if they follow a template. `picture` is the picture's index among the job's inputs.
std::string picture_key(const RunSettings& settings, const SegmentJob& job, std::size_t picture,
                        const std::string& encoded);

}  // namespace ldznet::cli

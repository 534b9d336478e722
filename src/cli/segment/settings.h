#pragma once

#include <span>
#include <string>

#include "cli/args/segment_options.h"
#include "cli/segment/job.h"
#include "ldznet/mask.h"
#include "ldznet/pipeline.h"
#include "output/json_lines.h"
#include "output/prompt_result.h"

namespace ldznet::cli {

/// What a `segment` run's options mean for the bundle that is loaded.
struct RunSettings {
  EncodeOptions encode;
  SegmentOptions segment;
  MaskOptions mask;
  JsonFields json_fields;
  RunMetadata facts;
  std::string key;  ///< a hash of all that a picture's results depend on beside the picture
};

RunSettings settings_for(const SegmentCommand& command, const SegmentJob& job, const Pipeline& pipeline);

/// The key of a picture's results in the journal: what was asked, of which name, of which bytes.
std::string picture_key(const RunSettings& settings, const std::string& name, const std::string& encoded);

}  // namespace ldznet::cli

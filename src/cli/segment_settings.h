#pragma once

#include <span>
#include <string>

#include "cli/findings.h"
#include "cli/segment_job.h"
#include "cli/segment_options.h"
#include "ldznet/pipeline.h"
#include "output/json_lines.h"

namespace ldznet::cli {

/// What a `segment` run's options mean for the bundle that is loaded.
struct Settings {
  EncodeOptions encode;
  SegmentOptions segment;
  MaskOptions mask;
  ToldOptions told;
  RunFacts facts;
  std::string key;  ///< a hash of all that a picture's results depend on beside the picture
};

Settings settings_for(const SegmentCommand& command, const SegmentJob& job, const Pipeline& pipeline);

/// The key of a picture's results in the journal: what was asked, of which name, of which bytes.
std::string picture_key(const Settings& settings, const std::string& name, const std::string& encoded);

}  // namespace ldznet::cli

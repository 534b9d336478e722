#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// Loads the bundle with these heads; none: its default one.
Pipeline load_pipeline(const ModelOptions& model, const std::vector<std::string>& methods);

/// The library's options for the command line's.
SegmentOptions segment_options(const ModelOptions& model, const SamplingOptions& sampling, const std::string& method);

/// The one timestep that is used, for the records; nothing when there are several.
std::optional<int> only_timestep(const SamplingOptions& sampling, const Manifest& manifest);

}  // namespace ldznet::cli

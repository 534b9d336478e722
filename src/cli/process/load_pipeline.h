#pragma once

#include <optional>
#include <string>

#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// Loads the bundle in the folder `model`, or the default one when that is empty. Throws what Pipeline::load throws.
Pipeline load_pipeline(const std::string& model, const LoadOptions& options);

/// Loads it with a single head; of no name, the bundle's default one.
Pipeline load_pipeline(const std::string& model, LoadOptions options, const std::string& method);

/// The timestep to record with a result: nothing when several are averaged.
std::optional<int> only_timestep(const SegmentOptions& options, const Manifest& manifest);

}  // namespace ldznet::cli

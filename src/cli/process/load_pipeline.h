#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// The named bundle folder, or the default bundle when the name is empty. Throws Error(missing_input).
std::filesystem::path bundle_folder(const std::string& named);

/// Loads the bundle in the folder `model`, or the default one when that is empty. Throws what Pipeline::load throws.
Pipeline load_pipeline(const std::string& model, const LoadOptions& options);

/// Loads only the head `method`, or the default head if `method` is empty.
Pipeline load_pipeline(const std::string& model, LoadOptions options, const std::string& method);

/// The timestep to record with a result: nothing when several are averaged.
std::optional<int> only_timestep(const SegmentOptions& options, const Manifest& manifest);

/// The timesteps that the heads were trained on: "50 <= t < 150".
std::string timestep_range_text(const Manifest& manifest);

/// Warns when the chosen head reads the UNet's features at a timestep that it was not trained on, and returns whether.
bool warn_about_timestep(const SegmentOptions& options, const Manifest& manifest);

}  // namespace ldznet::cli

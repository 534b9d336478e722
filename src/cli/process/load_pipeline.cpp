#include "cli/process/load_pipeline.h"

#include "base/log.h"
#include "base/methods.h"
#include "cli/process/memory_errors.h"
#include "image/threads.h"
#include "ldznet/error.h"

namespace ldznet::cli {

std::filesystem::path bundle_folder(const std::string& named) {
  return named.empty() ? default_bundle_directory() : std::filesystem::path(named);
}

Pipeline load_pipeline(const std::string& model, const LoadOptions& options) {
  set_picture_threads(options.threads);
  try {
    return Pipeline::load(bundle_folder(model), options);
  } catch (const Error& error) {
    throw with_memory_hint(error, kHintForLoading);
  }
}

Pipeline load_pipeline(const std::string& model, LoadOptions options, const std::string& method) {
  options.methods.clear();
  if (!method.empty()) options.methods.push_back(method);
  return load_pipeline(model, options);
}

std::optional<int> only_timestep(const SegmentOptions& options, const Manifest& manifest) {
  if (options.timestep) return options.timestep;
  if (options.samples == 1) return manifest.timestep;
  return std::nullopt;
}

std::string timestep_range_text(const Manifest& manifest) {
  return std::to_string(manifest.timestep_low) + " <= t < " + std::to_string(manifest.timestep_high);
}

bool warn_about_timestep(const SegmentOptions& options, const Manifest& manifest) {
  if (!options.timestep) return false;
  const Method* method = find_method(options.method.empty() ? manifest.default_method : options.method);
  if (method == nullptr || !method->reads_taps) return false;
  if (*options.timestep >= manifest.timestep_low && *options.timestep < manifest.timestep_high) return false;
  log::warn("timestep " + std::to_string(*options.timestep) + " is outside the range that " + manifest.name +
            " was trained on, " + timestep_range_text(manifest) + "; its masks may be worse");
  return true;
}

}  // namespace ldznet::cli

#include "cli/process/load_pipeline.h"

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

}  // namespace ldznet::cli

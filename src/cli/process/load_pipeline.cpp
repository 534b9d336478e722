#include "cli/process/load_pipeline.h"

#include "cli/process/run.h"
#include "image/threads.h"

namespace ldznet::cli {

Pipeline load_pipeline(const std::string& model, const LoadOptions& options) {
  set_picture_threads(options.threads);
  return Pipeline::load(bundle_folder(model), options);
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

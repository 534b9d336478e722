#include "cli/process/load_pipeline.h"

#include "cli/process/run.h"
#include "image/threads.h"
#include "ldznet/error.h"

namespace ldznet::cli {

Pipeline load_pipeline(const std::string& model, const LoadOptions& options) {
  set_picture_threads(options.threads);
  try {
    return Pipeline::load(bundle_folder(model), options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::out_of_memory || !error.hint().empty()) throw;
    throw Error(error.code(), error.what(), "Close other programs, or use --precision bf16, which halves the weights.");
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

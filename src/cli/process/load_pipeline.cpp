#include "cli/process/load_pipeline.h"

#include "cli/process/run.h"
#include "image/threads.h"

namespace ldznet::cli {

Pipeline load_pipeline(const ModelOptions& model, const std::vector<std::string>& methods) {
  set_picture_threads(model.threads);
  return Pipeline::load(bundle_folder(model.model),
                        {model.device, model.precision, model.threads, model.trust_unverified, methods});
}

SegmentOptions segment_options(const ModelOptions& model, const SamplingOptions& sampling, const std::string& method) {
  return {method, sampling.timestep, sampling.seed, sampling.samples, model.batch_size};
}

std::optional<int> only_timestep(const SamplingOptions& sampling, const Manifest& manifest) {
  if (sampling.timestep) return sampling.timestep;
  if (sampling.samples == 1) return manifest.timestep;
  return std::nullopt;
}

}  // namespace ldznet::cli

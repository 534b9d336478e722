#include "cli/segment/settings.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/sha256.h"
#include "cli/process/load_pipeline.h"

namespace ldznet::cli {

namespace {

std::string hash(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text))); }

std::string run_key(const SegmentCommand& command, const SegmentJob& job, const RunSettings& settings,
                    const Pipeline& pipeline) {
  nlohmann::ordered_json all;
  all["version"] = LDZNET_VERSION;
  all["model"] = settings.facts.model_sha256;
  all["device"] = pipeline.device();
  all["precision"] = pipeline.precision();
  all["method"] = settings.facts.method;
  all["timestep"] = settings.facts.timestep.value_or(-1);
  all["seed"] = settings.facts.seed;
  all["samples"] = settings.facts.samples;
  all["size"] = settings.encode.size;
  all["prompts"] = job.prompts;
  all["texts"] = job.texts;
  all["threshold"] = settings.mask.threshold;
  all["regions"] = {settings.mask.min_area, settings.mask.fill_holes, settings.mask.largest};
  all["told"] = {settings.json_fields.boxes, settings.json_fields.polygons};
  all["panoptic"] = command.panoptic;
  all["output"] = command.output.value_or("");
  all["kinds"] = nlohmann::ordered_json::array();
  if (job.plan)
    for (const OutputKind kind : job.plan->kinds()) all["kinds"].push_back(name(kind));
  return hash(json_text(all));
}

}  // namespace

RunSettings settings_for(const SegmentCommand& command, const SegmentJob& job, const Pipeline& pipeline) {
  const Manifest& manifest = pipeline.manifest();
  RunSettings settings;
  settings.encode = command.encode;
  settings.segment = command.segment;
  settings.mask = {.threshold = command.threshold.value_or(manifest.threshold),
                   .min_area = command.min_area,
                   .fill_holes = command.fill_holes,
                   .largest = command.largest};
  // A resumed run may want the run lengths that this one has no use for.
  settings.json_fields = {.counts = command.json || !run_files(command).empty() || job.journal,
                          .boxes = command.json && command.boxes,
                          .polygons = command.json && command.polygons};
  RunMetadata& facts = settings.facts;
  facts.model_name = manifest.name;
  facts.model_version = manifest.version;
  facts.model_sha256 = manifest.sha256;
  facts.method = command.segment.method.empty() ? manifest.default_method : command.segment.method;
  facts.timestep = only_timestep(command.segment, manifest);
  facts.seed = command.segment.seed;
  facts.samples = command.segment.samples;
  facts.threshold = settings.mask.threshold;
  settings.key = run_key(command, job, settings, pipeline);
  return settings;
}

std::string picture_key(const RunSettings& settings, const std::string& name, const std::string& encoded) {
  return hash(settings.key + "\n" + hash(encoded) + "\n" + name);
}

}  // namespace ldznet::cli

#include "cli/segment/settings.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>

#include "base/json_text.h"
#include "base/output_kind.h"
#include "base/sha256.h"
#include "cli/process/load_pipeline.h"
#include "output/yolo.h"

namespace ldznet::cli {

namespace {

std::string hash(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text))); }

std::string run_key(const SegmentJob& job, const RunSettings& settings, const Pipeline& pipeline) {
  nlohmann::ordered_json all;
  all["version"] = LDZNET_VERSION;
  all["model"] = settings.metadata.model.sha256;
  all["device"] = pipeline.device();
  all["precision"] = pipeline.precision();
  all["method"] = settings.metadata.method;
  all["timestep"] = settings.metadata.timestep.value_or(-1);
  all["seed"] = settings.metadata.seed;
  all["samples"] = settings.metadata.samples;
  all["size"] = job.encode.size;
  all["resolution"] = {job.tiles, job.refine};
  all["prompts"] = job.prompts;
  all["texts"] = job.texts;
  all["threshold"] = settings.mask.threshold;
  all["regions"] = {settings.mask.min_area, settings.mask.fill_holes, settings.mask.largest, settings.mask.invert,
                    job.instances};
  all["fields"] = {job.fields.boxes, job.fields.polygons, job.fields.simplify};
  all["panoptic"] = job.panoptic ? job.panoptic->root().string() : "";
  all["output"] = job.plan ? job.plan->single_file().value_or(job.plan->root()).string() : "";
  all["cutouts"] = {job.cutouts.crop};
  if (const auto& color = job.cutouts.background)
    for (const int part : {color->red, color->green, color->blue}) all["cutouts"].push_back(part);
  all["names"] = job.plan ? job.plan->name_template() : "";
  all["yolo_classes"] = settings.yolo_classes;
  all["kinds"] = nlohmann::ordered_json::array();
  if (job.plan)
    for (const OutputKind kind : job.plan->kinds()) all["kinds"].push_back(name(kind));
  return hash(json_text(all));
}

}  // namespace

RunSettings settings_for(const SegmentJob& job, const Pipeline& pipeline) {
  const Manifest& manifest = pipeline.manifest();
  RunSettings settings;
  settings.mask = job.mask_options(manifest.threshold);
  settings.working_area = job.encode.size > 0 ? job.encode.size * job.encode.size : manifest.image_area;
  settings.working_multiple = manifest.image_multiple;
  settings.drops_specks = settings.mask.min_area == 0 && job.plan &&
                          std::any_of(job.plan->kinds().begin(), job.plan->kinds().end(), is_for_tools);
  RunMetadata& metadata = settings.metadata;
  metadata.model = model_id(manifest);
  metadata.method = job.segment.method.empty() ? manifest.default_method : job.segment.method;
  metadata.timestep = only_timestep(job.segment, manifest);
  metadata.seed = job.segment.seed;
  metadata.samples = job.segment.samples;
  metadata.threshold = settings.mask.threshold;
  if (!job.yolo_folder.empty()) settings.yolo_classes = add_yolo_classes(job.yolo_folder, job.prompts);
  settings.key = run_key(job, settings, pipeline);
  return settings;
}

std::string picture_key(const RunSettings& settings, const SegmentJob& job, std::size_t picture,
                        const std::string& encoded) {
  std::string key = settings.key + "\n" + hash(encoded) + "\n" + job.inputs[picture].name;
  // Numbered files have other names when pictures are added, so names of files are part of the key.
  if (job.plan && !job.plan->name_template().empty())
    for (const std::filesystem::path& file : job.plan->files(picture)) key += "\n" + file.string();
  return hash(key);
}

}  // namespace ldznet::cli

#include "cli/segment/picture_writer.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/stage_timer.h"
#include "cli/process/picture_errors.h"
#include "cli/process/standard_output.h"
#include "image/preprocess.h"
#include "ldznet/mask.h"
#include "ldznet/polygons.h"
#include "ldznet/regions.h"

namespace ldznet::cli {

PictureWriter::PictureWriter(const SegmentJob& job, const RunSettings& settings, std::size_t picture,
                             std::shared_ptr<const Image> image, MaskCallback on_mask)
    : job_(job),
      settings_(settings),
      picture_(picture),
      image_(std::move(image)),
      on_mask_(std::move(on_mask)),
      files_(job.prompts, settings.yolo_classes, job.replace, job.cutouts),
      maps_(job.parsed) {
  result_.image = job.inputs[picture].name;
  result_.width = image_->width;
  result_.height = image_->height;
}

/// Does the work unless something has failed before.
template <typename Work>
void PictureWriter::attempt(Work&& work) {
  if (!result_.error) result_.error = error_of(result_.image, work);
}

void PictureWriter::add(Probability phrase) {
  const auto take = [&](std::size_t prompt, Probability map) { write_prompt(prompt, std::move(map)); };
  attempt([&] { maps_.add(job_.refine ? refined(phrase) : std::move(phrase), take); });
}

Probability PictureWriter::refined(const Probability& map) {
  if (!refiner_) {
    Size seen{image_->width, image_->height};  // by the networks at once
    if (job_.tiles > 0) seen = {std::min(seen.width, job_.tiles), std::min(seen.height, job_.tiles)};
    refiner_.emplace(*image_, reduction(seen, working_size(seen, settings_.working_area, settings_.working_multiple)));
  }
  return refiner_->refine(map);
}

void PictureWriter::write_prompt(std::size_t prompt, Probability probability) {
  const FoundMask found = find_mask(std::move(probability), settings_.mask);
  if (job_.instances)
    write_instances(prompt, found);
  else
    write_result(prompt, 0, found);
}

/// A result for every region. An empty mask has a single one, without files.
void PictureWriter::write_instances(std::size_t prompt, const FoundMask& found) {
  int instances = 0;
  for_each_region(found, [&](const FoundMask& region) { write_result(prompt, ++instances, region); });
  if (instances == 0) write_result(prompt, 0, found);
  if (job_.plan) files_.remove_further(*job_.plan, picture_, prompt, instances);
}

/// `instance`: the region's number, from 1; 0: the mask as a whole.
void PictureWriter::write_result(std::size_t prompt, int instance, const FoundMask& found) {
  const std::size_t number = result_.results.size();
  std::vector<Polygon> outlined;
  if (job_.fields.boxes || job_.fields.polygons || wants_outlines()) outlined = outlines(found.mask);
  PromptResult& result =
      result_.results.emplace_back(prompt_result(job_.prompts[prompt], found, outlined, job_.fields));
  result.prompt_index = prompt;
  result.instance = instance;
  result.phrases = job_.parsed.phrases_of(prompt);
  if (wants_labels()) labels_.add(found.probability, found.mask);
  if (wants_outlines()) {
    if (settings_.drops_specks) outlined = without_specks(std::move(outlined));
    outlined_.masks.push_back({prompt, number, result.score, simplified(std::move(outlined), job_.fields.simplify)});
  }
  if (on_mask_ && result.area > 0) on_mask_(number, result, found.mask);
  const StageTimer write(&result_.times.write);
  if (job_.plan && (instance > 0 || !job_.instances))
    result.files = files_.write(*job_.plan, picture_, prompt, instance, *image_, found);
  if (job_.stdout_picture && job_.stdout_picture != OutputKind::labels)
    write_stdout(files_.encode(*job_.stdout_picture, prompt, *image_, found));
}

PictureResult PictureWriter::finish(const Stages& times, std::optional<Error> error) {
  if (error) result_.error = std::move(error);
  if (wants_labels()) attempt([&] { write_labels(); });
  if (wants_outlines()) attempt([&] { write_outlines(); });
  const double write_ms = result_.times.write;
  result_.times = times;
  result_.times.write = write_ms;
  if (result_.error) {
    result_.results.clear();
    result_.files.clear();
    result_.segments.reset();
  }
  return std::move(result_);
}

void PictureWriter::write_labels() {
  const StageTimer write(&result_.times.write);
  result_.segments = label_segments(labels_.map());
  std::vector<std::uint16_t> prompts;  // by result
  for (const PromptResult& result : result_.results)
    prompts.push_back(static_cast<std::uint16_t>(result.prompt_index + 1));
  const LabelMap by_prompt = relabelled(labels_.map(), prompts);
  const auto write_to = [&](const OutputPlan& plan, const LabelMap& labels) {
    const NamedFiles files = files_.write(plan, picture_, *image_, labels);
    result_.files.insert(result_.files.end(), files.begin(), files.end());
  };
  if (job_.plan) write_to(*job_.plan, by_prompt);
  if (job_.panoptic) write_to(*job_.panoptic, labels_.map());
  if (job_.stdout_picture == OutputKind::labels) write_stdout(files_.encode(*image_, by_prompt));
}

void PictureWriter::write_outlines() {
  const StageTimer write(&result_.times.write);
  outlined_.image = result_.image;
  outlined_.file = job_.inputs[picture_].path;
  outlined_.width = result_.width;
  outlined_.height = result_.height;
  const NamedFiles files = files_.write(*job_.plan, picture_, *image_, outlined_);
  result_.files.insert(result_.files.end(), files.begin(), files.end());
}

bool PictureWriter::is_wanted(OutputKind kind) const {
  if (job_.stdout_picture) return *job_.stdout_picture == kind;
  return job_.plan && job_.plan->has(kind);
}

}  // namespace ldznet::cli

#include "cli/segment/picture_writer.h"

#include <utility>
#include <vector>

#include "base/stage_timer.h"
#include "cli/process/standard_output.h"
#include "cli/segment/picture_errors.h"
#include "ldznet/mask.h"
#include "ldznet/polygons.h"

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
  attempt([&] { maps_.add(std::move(phrase), take); });
}

void PictureWriter::write_prompt(std::size_t prompt, Probability probability) {
  const FoundMask found = find_mask(std::move(probability), settings_.mask);
  std::vector<Polygon> outlined;
  if (job_.fields.boxes || job_.fields.polygons || wants_outlines()) outlined = outlines(found.mask);
  PromptResult& result =
      result_.results.emplace_back(prompt_result(job_.prompts[prompt], found, outlined, job_.fields));
  result.phrases = job_.parsed.phrases_of(prompt);
  if (wants_labels()) labels_.add(found.probability, found.mask);
  if (wants_outlines()) {
    if (settings_.drops_specks) outlined = without_specks(std::move(outlined));
    outlined_.masks.push_back({prompt, result.score, simplified(std::move(outlined), job_.fields.simplify)});
  }
  if (on_mask_ && result.area > 0) on_mask_(prompt, found.mask);
  const StageTimer write(&result_.times.write);
  if (job_.plan) result.files = files_.write(*job_.plan, picture_, prompt, *image_, found);
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
  for (const auto* plan : {&job_.plan, &job_.panoptic}) {
    if (!*plan) continue;
    const NamedFiles files = files_.write(**plan, picture_, *image_, labels_.map());
    result_.files.insert(result_.files.end(), files.begin(), files.end());
  }
  if (job_.stdout_picture == OutputKind::labels) write_stdout(files_.encode(*image_, labels_.map()));
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

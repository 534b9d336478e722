#include "cli/segment/picture_writer.h"

#include <new>
#include <utility>

#include "base/stage_timer.h"
#include "ldznet/mask.h"
#include "ldznet/polygons.h"
#include "output/prompt_result.h"
#include "output/run_files/panoptic.h"
#include "output/standard_output.h"

namespace ldznet::cli {

PictureWriter::PictureWriter(const SegmentJob& job, const RunSettings& settings)
    : job_(job), settings_(settings), files_(job.prompts) {}

void PictureWriter::begin(std::size_t picture, std::shared_ptr<const Image> image) {
  picture_ = picture;
  image_ = std::move(image);
  facts_ = {};
  labels_ = {};
  outlined_ = {};
  facts_.image = job_.inputs[picture].name;
  if (!image_) return;
  facts_.width = image_->width;
  facts_.height = image_->height;
}

/// Does the work unless something has gone wrong before.
template <typename Work>
void PictureWriter::guarded(Work&& work) {
  if (facts_.error) return;
  try {
    work();
  } catch (const Error& error) {
    facts_.error = error;
  } catch (const std::bad_alloc&) {
    facts_.error = out_of_memory(facts_.image);
  }
}

void PictureWriter::take(std::size_t prompt, Probability probability) {
  guarded([&] { add(prompt, std::move(probability)); });
}

void PictureWriter::add(std::size_t prompt, Probability probability) {
  const FoundMask found = find_mask(std::move(probability), settings_.mask);
  PromptResult& result = facts_.results.emplace_back(prompt_result(job_.prompts[prompt], found, settings_.json_fields));
  if (labels_wanted()) labels_.add(found.probability, found.mask);
  if (outlines_wanted()) outlined_.masks.push_back({prompt, result.score, outlines(found.mask)});
  const StageTimer write(&facts_.times.write);
  if (job_.plan) result.files = files_.write(*job_.plan, picture_, prompt, *image_, found);
  if (job_.stdout_picture && job_.stdout_picture != OutputKind::labels)
    write_stdout(files_.encode(*job_.stdout_picture, prompt, *image_, found));
}

PictureResult PictureWriter::end(const Stages& times, std::optional<Error> error) {
  if (error) facts_.error = std::move(error);
  if (labels_wanted()) guarded([&] { write_labels(); });
  if (outlines_wanted()) guarded([&] { write_outlines(); });
  const double write_ms = facts_.times.write;
  facts_.times = times;
  facts_.times.write = write_ms;
  image_.reset();
  if (facts_.error) {
    facts_.results.clear();
    facts_.files.clear();
    facts_.segments.reset();
  }
  return std::move(facts_);
}

void PictureWriter::write_labels() {
  const StageTimer write(&facts_.times.write);
  facts_.segments = segments(labels_.map());
  for (const auto* plan : {&job_.plan, &job_.panoptic}) {
    if (!*plan) continue;
    const NamedFiles files = files_.write(**plan, picture_, *image_, labels_.map());
    facts_.files.insert(facts_.files.end(), files.begin(), files.end());
  }
  if (job_.stdout_picture == OutputKind::labels) write_stdout(files_.encode(*image_, labels_.map()));
}

void PictureWriter::write_outlines() {
  const StageTimer write(&facts_.times.write);
  outlined_.image = facts_.image;
  outlined_.width = facts_.width;
  outlined_.height = facts_.height;
  const NamedFiles files = files_.write(*job_.plan, picture_, outlined_);
  facts_.files.insert(facts_.files.end(), files.begin(), files.end());
}

bool PictureWriter::is_wanted(OutputKind kind) const {
  if (job_.stdout_picture) return *job_.stdout_picture == kind;
  return job_.plan && job_.plan->has(kind);
}

Error out_of_memory(const std::string& picture) {
  return {ErrorCode::out_of_memory, picture + ": memory ran out",
          "Use a smaller --size, a smaller --batch-size, or fewer prompts at a time."};
}

}  // namespace ldznet::cli

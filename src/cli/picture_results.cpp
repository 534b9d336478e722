#include "cli/picture_results.h"

#include <new>
#include <utility>

#include "base/stage_timer.h"
#include "cli/findings.h"
#include "mask/polygons.h"
#include "output/panoptic.h"
#include "output/standard_output.h"

namespace ldznet::cli {

PictureResults::PictureResults(const SegmentJob& job, const Settings& settings)
    : job_(job), settings_(settings), files_(job.prompts) {}

void PictureResults::begin(std::size_t picture, std::shared_ptr<const Image> image) {
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
void PictureResults::guarded(Work&& work) {
  if (facts_.error) return;
  try {
    work();
  } catch (const Error& error) {
    facts_.error = error;
  } catch (const std::bad_alloc&) {
    facts_.error = out_of_memory(facts_.image);
  }
}

void PictureResults::take(std::size_t prompt, Probability probability) {
  guarded([&] { add(prompt, std::move(probability)); });
}

void PictureResults::add(std::size_t prompt, Probability probability) {
  const Finding finding = find(std::move(probability), settings_.mask);
  ResultFacts& result = facts_.results.emplace_back(describe(job_.prompts[prompt], finding, settings_.told));
  if (labels_wanted()) labels_.add(finding.probability, finding.mask);
  if (outlines_wanted()) outlined_.masks.push_back({prompt, result.score, outlines(finding.mask)});
  const StageTimer write(&facts_.times.write);
  if (job_.plan) result.files = files_.write(*job_.plan, picture_, prompt, *image_, finding);
  if (job_.stdout_picture && job_.stdout_picture != Kind::labels)
    write_stdout(files_.encode(*job_.stdout_picture, prompt, *image_, finding));
}

PictureFacts PictureResults::end(const Stages& times, std::optional<Error> error) {
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

void PictureResults::write_labels() {
  const StageTimer write(&facts_.times.write);
  facts_.segments = segments(labels_.map());
  for (const auto* plan : {&job_.plan, &job_.panoptic}) {
    if (!*plan) continue;
    const NamedFiles files = files_.write(**plan, picture_, *image_, labels_.map());
    facts_.files.insert(facts_.files.end(), files.begin(), files.end());
  }
  if (job_.stdout_picture == Kind::labels) write_stdout(files_.encode(*image_, labels_.map()));
}

void PictureResults::write_outlines() {
  const StageTimer write(&facts_.times.write);
  outlined_.image = facts_.image;
  outlined_.width = facts_.width;
  outlined_.height = facts_.height;
  const NamedFiles files = files_.write(*job_.plan, picture_, outlined_);
  facts_.files.insert(facts_.files.end(), files.begin(), files.end());
}

bool PictureResults::is_wanted(Kind kind) const {
  if (job_.stdout_picture) return *job_.stdout_picture == kind;
  return job_.plan && job_.plan->has(kind);
}

Error out_of_memory(const std::string& picture) {
  return {ErrorCode::out_of_memory, picture + ": memory ran out",
          "Use a smaller --size, a smaller --batch-size, or fewer prompts at a time."};
}

}  // namespace ldznet::cli

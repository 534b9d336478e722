#include "cli/segment/output_thread.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/log.h"
#include "cli/process/picture_errors.h"
#include "cli/segment/run_files.h"
#include "ldznet/rle.h"

namespace ldznet::cli {

namespace {

/// "a.png: decode 2, vae 40, text 3, unet 80, znet 90, write 5, total 221 ms"
std::string times_text(const PictureResult& result) {
  const auto whole = [](double ms) { return std::to_string(std::lround(ms)); };
  std::string text = result.image + ": ";
  for (const ReportedStage& stage : kReportedStages)
    text += std::string(stage.name) + " " + whole(stage.of(result.times)) + ", ";
  return text + "total " + whole(result.total_ms) + " ms";
}

}  // namespace

OutputThread::OutputThread(const SegmentJob& job, const RunSettings& settings, Journal* journal)
    : job_(job),
      settings_(settings),
      journal_(journal),
      writers_(make_run_writers(job, settings.metadata)),
      progress_(job.inputs.size(), job.progress),
      task_thread_(kQueuedTasks) {
  check_folders();
  for (const auto& writer : writers_)
    if (writer->needs_masks()) mask_writers_.push_back(writer.get());
  progress_.show();
}

OutputThread::Picture OutputThread::open(std::size_t picture, std::shared_ptr<const Image> image, std::string key,
                                         const Stopwatch& stopwatch) {
  const auto on_mask = [this](std::size_t number, const PromptResult& result, const Mask& mask) {
    for (RunWriter* writer : mask_writers_) writer->add_mask(number, result, mask);
  };
  return std::make_shared<OpenPicture>(
      OpenPicture{std::move(key), image, PictureWriter(job_, settings_, picture, image, on_mask), stopwatch});
}

void OutputThread::post(std::function<void()> work) {
  task_thread_.post([this, work = std::move(work)] {
    check_folders();
    work();
  });
}

void OutputThread::check_folders() const {
  for (const auto* plan : {&job_.plan, &job_.panoptic})
    if (journal_ != nullptr && *plan) (*plan)->check_root();
}

void OutputThread::add(const Picture& picture, Probability phrase) {
  const auto map = std::make_shared<Probability>(std::move(phrase));
  post([picture, map] { picture->writer.add(std::move(*map)); });
}

void OutputThread::show_tiles(std::size_t done, std::size_t all) {
  if (!job_.progress) return;
  task_thread_.post([this, done, all] {
    progress_.set_tiles(done, all);
    progress_.show();
  });
}

void OutputThread::close(const Picture& picture, const Stages& times, const std::optional<Error>& error) {
  if (error) ++failed_;
  post([this, picture, times, error] {
    PictureResult result = picture->writer.finish(times, error);
    result.total_ms = times.decode + picture->stopwatch.milliseconds();
    if (result.error && !error) ++failed_;
    if (!result.error && journal_ != nullptr) journal_->add(picture->key, settings_.metadata, result);
    add_result(result, picture->image.get());
  });
}

void OutputThread::add_finished(PictureResult result, std::shared_ptr<const Image> image) {
  post([this, result = std::move(result), image = std::move(image)] {
    ++skipped_;
    if (!mask_writers_.empty()) add_masks(result);
    add_result(result, image.get());
  });
}

void OutputThread::add_failed(std::size_t picture, const Error& error) {
  ++failed_;
  PictureResult result;
  result.image = job_.inputs[picture].name;
  result.error = error;
  post([this, result = std::move(result)] { add_result(result, nullptr); });
}

bool OutputThread::needs_images() const {
  return std::any_of(writers_.begin(), writers_.end(), [](const auto& writer) { return writer->needs_images(); });
}

/// The masks of a finished picture, from their run lengths.
void OutputThread::add_masks(const PictureResult& picture) {
  for (std::size_t number = 0; number < picture.results.size(); ++number) {
    const PromptResult& result = picture.results[number];
    if (result.area == 0) continue;
    const Mask mask = decode_rle(result.counts, picture.width, picture.height);
    for (RunWriter* writer : mask_writers_) writer->add_mask(number, result, mask);
  }
}

void OutputThread::add_result(const PictureResult& result, const Image* image) {
  progress_.hide();
  for (const auto& writer : writers_) writer->add(result, image);
  log::debug(times_text(result));
  progress_.advance();
  ++done_;
  masks_ += result.results.size();
  empty_masks_ += static_cast<std::size_t>(std::count_if(result.results.begin(), result.results.end(),
                                                         [](const PromptResult& mask) { return mask.area == 0; }));
  if (result.error) {
    if (!is_about_one_picture(result.error->code())) throw *result.error;
    log::error(message(*result.error));
    if (!first_failure_) first_failure_ = result.error->code();
  }
  progress_.show();
}

void OutputThread::finish() {
  task_thread_.finish();
  progress_.hide();
  check_folders();
  finish_writers();
}

/// Completes every file that can be completed, then throws the first error.
void OutputThread::finish_writers() {
  if (std::exchange(writers_finished_, true)) return;
  std::optional<Error> first;
  for (const auto& writer : writers_) {
    try {
      writer->finish();
    } catch (const Error& error) {
      if (first) log::error(message(error));
      if (!first) first = error;
    }
  }
  if (first) throw *first;
}

void OutputThread::finish_after_error() {
  try {
    task_thread_.finish();
  } catch (...) {  // the error that ends the run
  }
  progress_.hide();
  try {
    finish_writers();
  } catch (const Error& error) {
    log::error(message(error));
  }
}

}  // namespace ldznet::cli

#include "cli/segment/output_thread.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "base/atomic_file.h"
#include "base/log.h"
#include "cli/process/run.h"
#include "output/label_tools.h"
#include "output/standard_output.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kWaiting = 2;  // maps that wait: more would only fill the memory

/// "a.png: decode 2, vae 40, text 3, unet 80, znet 90, write 5, in all 221 ms"
std::string times_text(const PictureResult& facts) {
  const auto whole = [](double ms) { return std::to_string(std::lround(ms)); };
  const Stages& times = facts.times;
  return facts.image + ": decode " + whole(times.decode) + ", vae " + whole(times.preprocess + times.vae) + ", text " +
         whole(times.text) + ", unet " + whole(times.unet) + ", znet " + whole(times.znet) + ", write " +
         whole(times.write) + ", in all " + whole(facts.total_ms) + " ms";
}

/// Failures that say something about the picture let the run go on; all others would meet the next picture, too.
bool ends_run(ErrorCode code) {
  return code != ErrorCode::bad_image && code != ErrorCode::missing_input && code != ErrorCode::out_of_memory;
}

}  // namespace

OutputThread::OutputThread(const SegmentCommand& command, const SegmentJob& job, const RunSettings& settings,
                           Journal* journal)
    : command_(command),
      job_(job),
      settings_(settings),
      journal_(journal),
      picture_(job, settings),
      results_(job.format, settings.facts, command.json.value_or(""), colors_wanted(!command.no_color)),
      progress_(job.inputs.size(), progress_wanted(command.log, command.no_progress)),
      task_thread_(kWaiting) {
  for (const Input& input : job.inputs) results_.make_room(input.name, "");
  for (const std::string& prompt : job.prompts) results_.make_room("", prompt);
  if (!command.coco.empty()) coco_.emplace(command.coco, job.prompts);
  if (!command.coco_results.empty()) coco_results_.emplace(command.coco_results);
  if (!command.panoptic.empty()) panoptic_.emplace(command.panoptic, panoptic_folder(command), job.prompts);
  if (!command.label_studio.empty()) label_studio_.emplace(command.label_studio, settings.facts);
  if (!command.report.empty()) report_.emplace(command.report, settings.facts, job.prompts);
  progress_.show();
}

void OutputThread::begin(std::size_t picture, std::shared_ptr<const Image> image, std::string key) {
  const auto start = std::chrono::steady_clock::now();
  task_thread_.post([this, picture, image = std::move(image), key = std::move(key), start] {
    key_ = key;
    image_ = image;
    start_ = start;
    picture_.begin(picture, image);
  });
}

void OutputThread::take(std::size_t prompt, Probability probability) {
  const auto map = std::make_shared<Probability>(std::move(probability));
  task_thread_.post([this, prompt, map] { picture_.take(prompt, std::move(*map)); });
}

void OutputThread::end(const Stages& times, std::optional<Error> error) {
  task_thread_.post([this, times, error = std::move(error)] {
    PictureResult facts = picture_.end(times, error);
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start_;
    facts.total_ms = times.decode + spent.count();
    if (!facts.error && journal_ != nullptr) journal_->add(key_, settings_.facts, facts);
    tell(facts, image_.get());
    image_.reset();
  });
}

void OutputThread::skip(PictureResult facts, std::shared_ptr<const Image> image) {
  task_thread_.post([this, facts = std::move(facts), image = std::move(image)] {
    ++skipped_;
    tell(facts, image.get());
  });
}

void OutputThread::tell(const PictureResult& facts, const Image* image) {
  progress_.hide();
  results_.add(facts);
  if (coco_) coco_->add(facts);
  if (coco_results_) coco_results_->add(facts);
  if (panoptic_) panoptic_->add(facts);
  if (label_studio_) label_studio_->add(facts);
  if (report_) report_->add(facts, image);
  log::debug(times_text(facts));
  progress_.advance();
  ++done_;
  masks_ += facts.results.size();
  if (facts.error) {
    if (ends_run(facts.error->code())) throw *facts.error;
    log::error(message(*facts.error));
    if (failed_ == 0) first_failure_ = facts.error->code();
    ++failed_;
  }
  progress_.show();
}

void OutputThread::finish() {
  task_thread_.finish();
  progress_.hide();
  write_run_files();
}

/// What goes wrong with one file keeps no other away; the first error is thrown.
void OutputThread::write_run_files() {
  if (std::exchange(written_, true)) return;
  std::optional<Error> first;
  const auto attempt = [&first](auto&& work) {
    try {
      work();
    } catch (const Error& error) {
      if (first) log::error(message(error));
      if (!first) first = error;
    }
  };
  attempt([this] { results_.finish(); });
  const auto finish = [&](auto& writer) {
    if (writer) attempt([&] { writer->finish(); });
  };
  finish(coco_);
  finish(coco_results_);
  finish(label_studio_);
  finish(report_);
  finish(panoptic_);
  if (const auto names = names_file(command_, job_); !names.empty())
    attempt([&] { write_file(names, yolo_names(job_.prompts)); });
  if (first) throw *first;
}

void OutputThread::keep() {
  try {
    task_thread_.finish();
  } catch (...) {  // what is on its way out already
  }
  progress_.hide();
  try {
    write_run_files();
  } catch (const Error& error) {
    log::error(message(error));
  }
}

}  // namespace ldznet::cli

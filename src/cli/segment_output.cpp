#include "cli/segment_output.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>
#include <utility>

#include "base/atomic_file.h"
#include "base/log.h"
#include "base/stage_timer.h"
#include "cli/findings.h"
#include "cli/run.h"
#include "output/standard_output.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kWaiting = 2;  // maps that wait: more would only fill the memory

/// "a.png: decode 2, vae 40, text 3, unet 80, znet 90, write 5, in all 221 ms"
std::string times_text(const PictureFacts& facts) {
  const auto whole = [](double ms) { return std::to_string(std::lround(ms)); };
  const StageTimes& times = facts.times;
  return facts.image + ": decode " + whole(times.decode) + ", vae " + whole(times.vae) + ", text " + whole(times.text) +
         ", unet " + whole(times.unet) + ", znet " + whole(times.znet) + ", write " + whole(times.write) + ", in all " +
         whole(facts.total_ms) + " ms";
}

/// Failures that say something about the picture let the run go on; all others would meet the next picture, too.
bool ends_run(ErrorCode code) {
  return code != ErrorCode::bad_image && code != ErrorCode::missing_input && code != ErrorCode::out_of_memory;
}

}  // namespace

SegmentOutput::SegmentOutput(const SegmentCommand& command, const SegmentJob& job, const Settings& settings,
                             Journal* journal)
    : command_(command),
      job_(job),
      settings_(settings),
      journal_(journal),
      files_(job.prompts),
      coco_(job.prompts),
      panoptic_(panoptic_folder(command), job.prompts),
      results_(job.report, settings.facts, command.json.value_or(""), colors_wanted(!command.no_color)),
      progress_(job.inputs.size(), stderr_is_terminal() && !command.no_progress && !command.talk.quiet),
      background_(kWaiting) {
  for (const Input& input : job.inputs)
    for (const std::string& prompt : job.prompts) results_.make_room(input.name, prompt);
  progress_.show();
}

void SegmentOutput::begin(std::size_t picture, std::shared_ptr<const Image> image, std::string key) {
  const auto start = std::chrono::steady_clock::now();
  background_.give([this, picture, image = std::move(image), key = std::move(key), start] {
    picture_ = picture;
    image_ = image;
    key_ = key;
    start_ = start;
    facts_ = {};
    labels_ = {};
    facts_.image = job_.inputs[picture].name;
    if (!image) return;
    facts_.width = image->width;
    facts_.height = image->height;
  });
}

void SegmentOutput::take(std::size_t prompt, Probability probability) {
  const auto map = std::make_shared<Probability>(std::move(probability));
  background_.give([this, prompt, map] {
    if (facts_.error) return;
    try {
      work(prompt, std::move(*map));
    } catch (const Error& error) {
      facts_.error = error;
    } catch (const std::bad_alloc&) {
      facts_.error = out_of_memory(facts_.image);
    }
  });
}

void SegmentOutput::work(std::size_t prompt, Probability probability) {
  const Finding finding = find(std::move(probability), settings_.mask);
  ResultFacts& result = facts_.results.emplace_back(describe(job_.prompts[prompt], finding, settings_.told));
  if (labels_wanted()) labels_.add(finding.probability, finding.mask);
  const StageTimer write(&facts_.times.write);
  if (job_.plan) result.files = files_.write(*job_.plan, picture_, prompt, *image_, finding);
  if (job_.stdout_picture && job_.stdout_picture != Kind::labels)
    write_stdout(files_.encode(*job_.stdout_picture, prompt, *image_, finding));
}

void SegmentOutput::end(const StageTimes& times, std::optional<Error> error) {
  background_.give([this, times, error = std::move(error)] { close(times, error); });
}

void SegmentOutput::close(const StageTimes& times, std::optional<Error> error) {
  if (error) facts_.error = std::move(error);
  const double write_ms = facts_.times.write;
  facts_.times = times;
  facts_.times.write = write_ms;
  if (!facts_.error && labels_wanted()) write_labels();
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start_;
  facts_.total_ms = times.decode + spent.count();
  image_.reset();
  if (facts_.error) {
    facts_.results.clear();
    facts_.files.clear();
    facts_.segments.reset();
  } else if (journal_ != nullptr) {
    journal_->add(key_, settings_.facts, facts_);
  }
  tell();
}

void SegmentOutput::write_labels() {
  const StageTimer write(&facts_.times.write);
  try {
    facts_.segments = segments(labels_.map());
    for (const auto* plan : {&job_.plan, &job_.panoptic}) {
      if (!*plan) continue;
      const NamedFiles files = files_.write(**plan, picture_, *image_, labels_.map());
      facts_.files.insert(facts_.files.end(), files.begin(), files.end());
    }
    if (job_.stdout_picture == Kind::labels) write_stdout(files_.encode(*image_, labels_.map()));
  } catch (const Error& error) {
    facts_.error = error;
  } catch (const std::bad_alloc&) {
    facts_.error = out_of_memory(facts_.image);
  }
}

void SegmentOutput::skip(PictureFacts facts) {
  background_.give([this, facts = std::move(facts)] {
    facts_ = facts;
    ++skipped_;
    tell();
  });
}

void SegmentOutput::tell() {
  progress_.hide();
  results_.add(facts_);
  coco_.add(facts_);
  panoptic_.add(facts_);
  log::debug(times_text(facts_));
  progress_.advance();
  ++done_;
  masks_ += facts_.results.size();
  if (facts_.error) {
    if (ends_run(facts_.error->code())) throw *facts_.error;
    log::error(message(*facts_.error));
    if (failed_ == 0) first_failure_ = facts_.error->code();
    ++failed_;
  }
  progress_.show();
}

void SegmentOutput::finish() {
  background_.finish();
  progress_.hide();
  write_run_files();
}

void SegmentOutput::write_run_files() {
  results_.finish();
  if (!command_.coco.empty()) write_file(command_.coco, coco_.data_set());
  if (!command_.coco_results.empty()) write_file(command_.coco_results, coco_.results());
  if (!command_.panoptic.empty()) write_file(command_.panoptic, panoptic_.data_set());
}

void SegmentOutput::keep() {
  try {
    background_.finish();
  } catch (...) {  // what is on its way out already
  }
  progress_.hide();
  try {
    write_run_files();
  } catch (const Error& error) {
    log::error(message(error));
  }
}

bool SegmentOutput::is_wanted(Kind kind) const {
  if (job_.stdout_picture) return *job_.stdout_picture == kind;
  return job_.plan && std::find(job_.plan->kinds().begin(), job_.plan->kinds().end(), kind) != job_.plan->kinds().end();
}

Error out_of_memory(const std::string& picture) {
  return {ErrorCode::out_of_memory, picture + ": memory ran out",
          "Use a smaller --size, a smaller --batch-size, or fewer prompts at a time."};
}

}  // namespace ldznet::cli

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "cli/process/interrupt.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "cli/process/text_input.h"
#include "cli/segment/job.h"
#include "cli/segment/output_thread.h"
#include "cli/segment/settings.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "output/journal.h"
#include "output/progress.h"
#include "output/standard_output.h"
#include "output/table.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kLargestPicture = std::size_t{512} << 20;  // bytes of an encoded picture on stdin

/// A picture on its way to the networks.
struct Loaded {
  std::string key;                        ///< in the journal; empty without one
  std::optional<PictureResult> finished;  ///< what an earlier run said of it: nothing is left to do
  std::shared_ptr<const Image> image;     ///< null when it is finished and nothing needs it
  double decode_ms = 0;
};

/// A `segment` run after its planning: picture by picture, from the file to the maps of probability. The next picture
/// is read and decoded, and the one before written, while the networks work.
class SegmentRun {
 public:
  SegmentRun(const SegmentCommand& command, const SegmentJob& job)
      : command_(command),
        job_(job),
        pipeline_(load_pipeline(command.model, command.load, command.segment.method)),
        settings_(settings_for(command, job, pipeline_)) {
    pipeline_.check(settings_.segment);
    if (job.journal) {
      journal_.emplace(*job.journal);
      prepare_outputs(job, command);  // again, now that no other run can write there
    }
    // Parts leave it alone: others may work beside them, on machines that do not see each other's locks.
    if ((command.resume || command.overwrite) && command.shard.count == 1) remove_stale_temporaries(job, command);
    output_.emplace(command, job, settings_, journal_ ? &*journal_ : nullptr);
  }

  /// Works through all pictures. What is finished when something stops it stays, and is told of.
  int run() {
    try {
      for (std::size_t picture = 0; picture < job_.inputs.size() && !is_over(); ++picture) do_picture(picture);
      output_->finish();
    } catch (...) {
      output_->keep();
      throw;
    }
    return exit_code();
  }

 private:
  bool is_over() const {
    return InterruptWatch::signal() != 0 || (command_.max_failures > 0 && failed_ >= command_.max_failures);
  }

  void do_picture(std::size_t picture) {
    StageCosts costs;
    std::optional<Error> error;
    bool begun = false;
    try {
      Loaded loaded = next(picture);
      if (loaded.finished) return output_->skip(std::move(*loaded.finished), std::move(loaded.image));
      costs.ms.decode = loaded.decode_ms;
      for (const std::string& warning : loaded.image->warnings) log::warn(job_.inputs[picture].name + ": " + warning);
      output_->begin(picture, loaded.image, std::move(loaded.key));
      begun = true;
      const EncodedImage encoded = pipeline_.encode(*loaded.image, settings_.encode, &costs);
      const auto take = [&](std::size_t prompt, Probability probability) {
        output_->take(prompt, std::move(probability));
      };
      pipeline_.segment(encoded, job_.texts, settings_.segment, take, &costs);
    } catch (const Error& thrown) {
      const bool memory = thrown.code() == ErrorCode::out_of_memory;
      error = memory ? out_of_memory(job_.inputs[picture].name) : thrown;  // which picture it was and not which network
    } catch (const std::bad_alloc&) {
      error = out_of_memory(job_.inputs[picture].name);
    }
    if (error) ++failed_;
    if (!begun) output_->begin(picture, nullptr, "");
    output_->end(costs.ms, std::move(error));
  }

  /// The picture, and the one after it is begun.
  Loaded next(std::size_t picture) {
    std::future<Loaded> now = ahead_.valid() ? std::move(ahead_) : load_later(picture);
    if (picture + 1 < job_.inputs.size()) ahead_ = load_later(picture + 1);
    return now.get();
  }

  /// stdin is read by this very thread, which a signal wakes.
  std::future<Loaded> load_later(std::size_t picture) const {
    const auto policy = job_.inputs[picture].path.empty() ? std::launch::deferred : std::launch::async;
    return std::async(policy, [this, picture] { return load(job_.inputs[picture]); });
  }

  Loaded load(const Input& input) const {
    Loaded loaded;
    const bool is_stdin = input.path.empty();
    const std::string encoded = is_stdin ? read_stdin(kLargestPicture) : read_picture_file(input.path);
    if (journal_) loaded.key = picture_key(settings_, input.name, encoded);
    if (command_.resume) loaded.finished = journal_->finished(loaded.key);
    if (loaded.finished && command_.report.empty()) return loaded;
    const auto start = std::chrono::steady_clock::now();
    loaded.image = std::make_shared<const Image>(
        decode_image(std::as_bytes(std::span(encoded)), is_stdin ? "stdin" : input.path.string()));
    loaded.decode_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return loaded;
  }

  int exit_code() const {
    const std::size_t done = output_->done(), all = job_.inputs.size();
    if (all > 1 || output_->skipped() > 0) log::info(summary());
    if (InterruptWatch::signal() != 0) {
      log::warn("interrupted after " + std::to_string(done) + " of " + std::to_string(all) +
                " pictures; what is finished is kept");
      return InterruptWatch::exit_code();
    }
    if (output_->failed() == 0) return 0;
    if (all == 1) return static_cast<int>(output_->first_failure());
    log::warn(std::to_string(output_->failed()) + " of " + std::to_string(all) + " pictures failed" +
              (done < all ? "; the run was stopped there" : ""));
    return 1;
  }

  /// "12 pictures in 0:07: 30 masks, 1 failed, 2 done before"
  std::string summary() const {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
    std::string text = counted(output_->done(), "picture") + " in " + duration_text(spent.count()) + ": " +
                       counted(output_->masks(), "mask");
    if (output_->failed() > 0) text += ", " + std::to_string(output_->failed()) + " failed";
    if (output_->skipped() > 0) text += ", " + std::to_string(output_->skipped()) + " done before";
    return text;
  }

  const SegmentCommand& command_;
  const SegmentJob& job_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Pipeline pipeline_;
  RunSettings settings_;
  std::optional<Journal> journal_;
  std::optional<OutputThread> output_;
  std::size_t failed_ = 0;
  std::future<Loaded> ahead_;  // last: its thread uses the above
};

}  // namespace

int run(const SegmentCommand& command) {
  const SegmentJob job = plan_job(command);
  prepare_outputs(job, command);
  if (command.dry_run) {
    for (std::size_t picture = 0; picture < job.inputs.size(); ++picture) write_stdout(dry_run_text(job, picture));
    return 0;
  }
  return SegmentRun(command, job).run();
}

}  // namespace ldznet::cli

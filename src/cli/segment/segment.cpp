#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/stage_timer.h"
#include "base/text.h"
#include "cli/process/interrupt.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/picture_errors.h"
#include "cli/process/progress.h"
#include "cli/process/run.h"
#include "cli/segment/dry_run.h"
#include "cli/segment/job.h"
#include "cli/segment/known_names.h"
#include "cli/segment/load_picture.h"
#include "cli/segment/output_thread.h"
#include "cli/segment/picture_memory.h"
#include "cli/segment/settings.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "output/journal.h"
#include "output/label_tools.h"

namespace ldznet::cli {

namespace {

/// A picture that is ready for the networks, or that needs none.
struct Loaded {
  std::string key;                        ///< in the journal; empty without one
  std::optional<PictureResult> finished;  ///< the result of an earlier run
  DecodedPicture picture;                 ///< no image when `finished` is set and nothing needs the image
};

/// A planned `segment` run: picture by picture, from the file to the probability maps. While the networks work, the
/// next picture is read and decoded, and the output thread writes the previous one.
class SegmentRun {
 public:
  SegmentRun(const SegmentJob& job, const Pipeline& pipeline) : job_(job), pipeline_(pipeline) {
    pipeline_.check(job.segment);
    warn_about_timestep(job.segment, pipeline_.manifest());
    UnknownNames(pipeline.manifest()).warn(job.parsed.phrases);
    if (job.journal) {
      journal_.emplace(*job.journal);
      prepare_outputs(job);  // again, now that no other run can write there
    }
    if (job.cleans_up) remove_stale_temporaries(job);
    settings_ = settings_for(job, pipeline);
    if (settings_.drops_specks)
      log::info("label files leave out regions of fewer than " + std::to_string(kSmallestRegion) +
                " pixels; --min-area 1 keeps them");
    output_.emplace(job, settings_, journal_ ? &*journal_ : nullptr);
  }

  /// Works through all pictures and returns the exit code. Whatever ends the run, finished pictures are kept and are in
  /// the run-wide files.
  int run() {
    try {
      for (std::size_t picture = 0; picture < job_.inputs.size() && !is_over(); ++picture) do_picture(picture);
      output_->finish();
    } catch (...) {
      output_->finish_after_error();
      throw;
    }
    return exit_code();
  }

 private:
  bool is_over() const {
    return InterruptWatch::signal() != 0 || (job_.max_failures > 0 && output_->failed() >= job_.max_failures);
  }

  void do_picture(std::size_t picture) {
    const Input& input = job_.inputs[picture];
    Loaded loaded;
    if (const auto error = error_of(input.name, [&] { loaded = next(picture); }))
      return output_->add_failed(picture, *error);
    const std::shared_ptr<const Image>& image = loaded.picture.image;
    if (loaded.finished) return output_->add_finished(std::move(*loaded.finished), image);
    log_warnings(input, *image);
    StageCosts costs;
    costs.ms.decode = loaded.picture.decode_ms;
    const OutputThread::Picture open = output_->open(picture, image, std::move(loaded.key));
    const auto take = [&](std::size_t /*phrase*/, Probability map) { output_->add(open, std::move(map)); };
    try {
      const auto error = error_of(input.name, [&] { segment(*image, input.name, take, costs); });
      output_->close(open, costs.ms, error);
    } catch (const Interrupted&) {  // between tiles: the picture is not finished
    }
  }

  void segment(const Image& image, const std::string& name, const Pipeline::MapCallback& take, StageCosts& costs) {
    require_memory(job_, pipeline_, image, name, job_.texts.size(), OutputThread::kMapsAtOnce);
    if (job_.tiles == 0)
      return pipeline_.segment(pipeline_.encode(image, job_.encode, &costs), job_.texts, job_.segment, take, &costs);
    TileOptions options = job_.tile_options();
    options.progress = [this](std::size_t done, std::size_t all) {
      if (InterruptWatch::signal() != 0) throw Interrupted();
      output_->show_tiles(done, all);
    };
    segment_tiles(pipeline_, image, job_.texts, options, take, &costs);
  }

  /// Waits for the picture and starts loading the one after it.
  Loaded next(std::size_t picture) {
    std::future<Loaded> current = ahead_.valid() ? std::move(ahead_) : load_later(picture);
    if (picture + 1 < job_.inputs.size()) ahead_ = load_later(picture + 1);
    return current.get();
  }

  /// stdin is read in this thread, which a signal interrupts.
  std::future<Loaded> load_later(std::size_t picture) const {
    const auto policy = job_.inputs[picture].path.empty() ? std::launch::deferred : std::launch::async;
    return std::async(policy, [this, picture] { return load(picture); });
  }

  Loaded load(std::size_t picture) const {
    const Input& input = job_.inputs[picture];
    Loaded loaded;
    const std::string encoded = read_encoded(input);
    if (journal_) loaded.key = picture_key(settings_, job_, picture, encoded);
    if (job_.resume) loaded.finished = journal_->finished(loaded.key);
    if (!loaded.finished || output_->needs_images())
      loaded.picture = decode_picture(job_, input, std::as_bytes(std::span(encoded)));
    return loaded;
  }

  int exit_code() const {
    const std::size_t done = output_->done(), all = job_.inputs.size();
    if (all > 1 || output_->skipped() > 0) log::info(summary());
    if (InterruptWatch::signal() != 0) {
      log::warn("interrupted after " + std::to_string(done) + " of " + std::to_string(all) +
                " pictures; finished pictures are kept" + (job_.journal ? ", and --resume continues the run" : ""));
      return InterruptWatch::exit_code();
    }
    if (output_->failed() == 0) return 0;
    if (all == 1) return static_cast<int>(output_->first_failure());
    log::warn(std::to_string(output_->failed()) + " of " + std::to_string(all) + " pictures failed" +
              (done < all ? "; the run was stopped there" : ""));
    return 1;
  }

  /// "12 pictures in 0:07: 30 masks, 4 of them empty, 1 failed, 2 already done"
  std::string summary() const {
    std::string text = counted(output_->done(), "picture") + " in " + duration_text(stopwatch_.seconds()) + ": " +
                       counted(output_->masks(), "mask");
    if (output_->empty_masks() > 0) text += ", " + std::to_string(output_->empty_masks()) + " of them empty";
    if (output_->failed() > 0) text += ", " + std::to_string(output_->failed()) + " failed";
    if (output_->skipped() > 0) text += ", " + std::to_string(output_->skipped()) + " already done";
    return text;
  }

  const SegmentJob& job_;
  const Pipeline& pipeline_;
  const Stopwatch stopwatch_;
  RunSettings settings_;
  std::optional<Journal> journal_;
  std::optional<OutputThread> output_;
  std::future<Loaded> ahead_;  // last: its thread uses the above
};

}  // namespace

int run(const SegmentCommand& command) {
  const SegmentJob job = plan_job(command);
  prepare_outputs(job);
  // JSON lines and data sets list missing pictures, too.
  if (job.format != ResultFormat::json && job.run_files.empty()) check_existence(job.inputs);
  if (job.dry_run) return dry_run(job);
  // Never destroyed: freeing the networks' graphs just before the process ends would take longer than writing the
  // masks.
  const Pipeline& pipeline = *new Pipeline(load_pipeline(job.model, job.load, job.segment.method));
  return SegmentRun(job, pipeline).run();
}

}  // namespace ldznet::cli

#include <cstddef>
#include <memory>
#include <optional>
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
#include "cli/segment/pictures_ahead.h"
#include "cli/segment/settings.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "output/journal.h"
#include "output/label_tools.h"

namespace ldznet::cli {

namespace {

/// A planned `segment` run: picture by picture, from the file to the probability maps. While the networks work, the
/// next pictures are prepared, and the output thread writes the previous one.
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
    Journal* const journal = journal_ ? &*journal_ : nullptr;
    output_.emplace(job, settings_, journal);
    ahead_.emplace(job, pipeline, settings_, journal, output_->needs_images());
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
    ReadyPicture ready;
    if (const auto error = error_of(input.name, [&] { ready = ahead_->next(); }))
      return output_->add_failed(picture, *error);
    const std::shared_ptr<const Image>& image = ready.picture.image;
    if (ready.finished) return output_->add_finished(std::move(*ready.finished), image);
    log_warnings(input, *image);
    const bool is_computed = ready.computed.has_value();
    Computed computed = is_computed ? std::move(*ready.computed) : Computed();
    const OutputThread::Picture open = output_->open(picture, image, std::move(ready.key), computed.stopwatch);
    const auto take = [&](std::size_t /*phrase*/, Probability map) { output_->add(open, std::move(map)); };
    for (Probability& map : computed.maps) output_->add(open, std::move(map));
    try {
      if (!is_computed)
        computed.error = error_of(input.name, [&] { segment(*image, input.name, take, computed.costs); });
    } catch (const Interrupted&) {  // between tiles: the picture is not finished
      return;
    }
    computed.costs.ms.decode = ready.picture.decode_ms;
    output_->close(open, computed.costs.ms, computed.error);
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
  std::optional<PicturesAhead> ahead_;  // last: its threads use the above
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

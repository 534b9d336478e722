#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/task_thread.h"
#include "cli/args/segment_options.h"
#include "cli/segment/job.h"
#include "cli/segment/picture_writer.h"
#include "cli/segment/settings.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "output/journal.h"
#include "output/progress.h"
#include "output/report/report.h"
#include "output/results.h"
#include "output/run_files/coco.h"
#include "output/run_files/label_studio.h"
#include "output/run_files/panoptic.h"

namespace ldznet::cli {

/// A `segment` run behind its networks: what becomes of every picture, and what is told of all. All of it happens in a
/// thread of its own, in order, so that the networks need not wait for the disk.
///
/// Pictures come one after another: `begin`, `take` for every prompt, `end`. Each may throw what ended the run.
class OutputThread {
 public:
  OutputThread(const SegmentCommand& command, const SegmentJob& job, const RunSettings& settings, Journal* journal);

  /// A picture's turn; `image` is null when it could not be read. `key` is its key in the journal.
  void begin(std::size_t picture, std::shared_ptr<const Image> image, std::string key);
  void take(std::size_t prompt, Probability probability);
  void end(const Stages& times, std::optional<Error> error);

  /// A picture that an earlier run has finished; `image` is null where nothing needs it.
  void skip(PictureResult facts, std::shared_ptr<const Image> image);

  /// Waits for everything given, then writes what is said about all pictures together.
  void finish();

  /// The same on the way out with an error that shall not be hidden by another.
  void keep();

  std::size_t done() const { return done_; }
  std::size_t failed() const { return failed_; }
  std::size_t skipped() const { return skipped_; }
  std::size_t masks() const { return masks_; }

  /// Why the first picture failed that did.
  ErrorCode first_failure() const { return first_failure_; }

 private:
  void tell(const PictureResult& facts, const Image* image);
  void write_run_files();

  const SegmentCommand& command_;
  const SegmentJob& job_;
  const RunSettings& settings_;
  Journal* journal_;
  PictureWriter picture_;
  Results results_;
  std::optional<CocoWriter> coco_;
  std::optional<CocoResultsWriter> coco_results_;
  std::optional<PanopticWriter> panoptic_;
  std::optional<LabelStudioWriter> label_studio_;
  std::optional<ReportWriter> report_;
  bool written_ = false;  ///< the files of the whole run
  Progress progress_;
  std::atomic<std::size_t> done_ = 0, failed_ = 0, skipped_ = 0, masks_ = 0;
  std::atomic<ErrorCode> first_failure_ = ErrorCode::internal;

  // Of the picture whose turn it is.
  std::string key_;
  std::shared_ptr<const Image> image_;
  std::chrono::steady_clock::time_point start_;

  TaskThread task_thread_;  // last: its thread uses all of the above
};

}  // namespace ldznet::cli
